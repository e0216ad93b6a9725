// The officers' side, with its failing cases.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { mailedLink, password, person, until } from "./harness.mjs";
import { call, citizen, quickReport } from "./people.mjs";
import { accept, conclude, officer, openFrom, receive, transfer } from "./story.mjs";

const line = /Failed to load resource/;

async function twoOfficers(ground) {
  const p = await citizen(ground);
  const code = await quickReport(p);
  const first = await officer(ground, "lan");
  const second = await officer(ground, "lan", { expected: [line] });
  await openFrom(first, "screen", code);
  await openFrom(second, "screen", code);
  await second.page.getByText("Không tiếp nhận", { exact: true }).first().click();
  await second.page.getByLabel("Lý do theo quy định").selectOption("9.3");
  await second.page.getByLabel("Lý do gửi cho người phản ánh").fill("Thiếu nơi xảy ra cụ thể.");
  await first.page.getByText("Hỏi thêm người phản ánh").first().click();
  await first.page.getByLabel("Cần bổ sung gì?").fill("Xin cho biết số nhà gần nhất.");
  await first.page.getByRole("button", { name: "Hỏi thêm người phản ánh" }).click();
  await first.page.getByText("Đã ghi nhận: Cán bộ hỏi thêm").waitFor();
  await second.page.getByRole("button", { name: "Không tiếp nhận" }).click();
  await second.page.getByRole("heading", { name: "Phản ánh đã thay đổi sau khi bạn mở" }).waitFor();
  await second.page.locator(".notice", { hasText: "Xin cho biết số nhà gần nhất." }).waitFor();
  assert.equal(await second.page.getByLabel("Lý do gửi cho người phản ánh").inputValue(), "Thiếu nơi xảy ra cụ thể.", "what was typed stays");
  await second.page.getByRole("button", { name: "Không tiếp nhận" }).click();
  await second.page.getByText("Đã ghi nhận: Không tiếp nhận").waitFor();
  first.check();
  second.check();
  await p.page.goto(`/phan-anh/?ma=${encodeURIComponent(code)}`);
  await p.page.getByText("Thiếu nơi xảy ra cụ thể.").waitFor();
}

async function supplement(ground) {
  const p = await citizen(ground);
  const code = await quickReport(p, "Hàng quán lấn chiếm vỉa hè trước chợ.");
  const lan = await officer(ground, "lan");
  await openFrom(lan, "screen", code);
  await lan.page.getByText("Hỏi thêm người phản ánh").first().click();
  await lan.page.getByLabel("Cần bổ sung gì?").fill("Xin gửi thêm hình.");
  await lan.page.getByRole("button", { name: "Hỏi thêm người phản ánh" }).click();
  await lan.page.getByText("Đã ghi nhận").waitFor();
  await until("the list to say that more is asked", async () => {
    await p.page.goto("/phan-anh-cua-toi/");
    await p.page.locator(".card").first().waitFor();
    return (await p.page.getByText("Cán bộ cần bạn bổ sung thông tin").count()) > 0;
  });
  await p.page.goto(`/phan-anh/?ma=${encodeURIComponent(code)}`);
  await p.page.getByLabel("Thông tin bổ sung").fill("Các sạp từ số 1 đến số 5, sáng nào cũng vậy.");
  await p.page.getByRole("button", { name: "Gửi bổ sung" }).click();
  await p.page.getByText("Đã bổ sung thông tin").waitFor();
  p.check();
}

async function returned(ground) {
  const p = await citizen(ground);
  const code = await quickReport(p, "Cột điện nghiêng sát nhà dân trên đường Lê Lợi.");
  const lan = await officer(ground, "lan");
  await accept(lan, code);
  const hung = await officer(ground, "hung");
  await transfer(hung, code);
  const minh = await officer(ground, "minh");
  await openFrom(minh, "agency", code);
  await minh.page.getByText("Chuyển trả cơ quan vận hành").first().click();
  await minh.page.getByRole("button", { name: "Chuyển trả cơ quan vận hành" }).click();
  await minh.page.getByRole("heading", { name: "Có lỗi cần sửa" }).waitFor();
  await minh.page.getByLabel("Lý do chuyển trả").selectOption("not_competent");
  await minh.page.getByLabel("Ý kiến của cơ quan").fill("Cột điện do ngành điện quản lý.");
  await minh.page.getByRole("button", { name: "Chuyển trả cơ quan vận hành" }).click();
  await minh.page.getByText("Đã ghi nhận: Cơ quan chuyển trả").waitFor();
  await openFrom(hung, "route", code);
  await hung.page.getByText("Trả lời người phản ánh").first().click();
  await hung.page.getByLabel("Nội dung trả lời").fill("Đã báo ngành điện; xin gọi tổng đài của ngành điện để theo dõi.");
  await hung.page.getByRole("button", { name: "Trả lời người phản ánh" }).click();
  await hung.page.getByText("Đã ghi nhận: Cơ quan vận hành trả lời").waitFor();
  for (const o of [lan, hung, minh]) o.check();
}

async function badResults(ground) {
  const p = await citizen(ground);
  const code = await quickReport(p, "Nắp hố ga trước trường mẫu giáo bị mất.");
  await accept(await officer(ground, "lan"), code);
  await transfer(await officer(ground, "hung"), code);
  const minh = await officer(ground, "minh", { expected: [line] });
  await receive(minh, code);
  await conclude(minh, code, Buffer.from("không phải PDF"));
  await minh.page.locator(".summary", { hasText: "Tệp này không phải PDF." }).waitFor();
  await conclude(minh, code, await ground.signer.make("unsigned", code));
  await minh.page.locator(".notice", { hasText: "không có chữ ký số" }).waitFor();
  await new Promise((done) => setTimeout(done, 1100));
  await conclude(minh, code, await ground.signer.make("forge", code));
  await minh.page.locator(".notice", { hasText: "tệp bị sửa sau khi ký" }).waitFor();
  await conclude(minh, code, await ground.signer.make("sign", code));
  await minh.page.getByText("Đã ghi nhận: Cơ quan gửi kết quả có ký số").waitFor();
  minh.check();
}

async function bulk(ground) {
  const p = await citizen(ground);
  const codes = [await quickReport(p, "Đèn tín hiệu ở ngã tư bị hỏng."), await quickReport(p, "Biển báo tốc độ bị che khuất.")];
  const lan = await officer(ground, "lan", { expected: [line] });
  await until("the queue to show both", async () => {
    await lan.page.goto("/can-bo/?hang=screen");
    await lan.page.locator(".bar [role=status]").waitFor();
    return (await lan.page.getByRole("link", { name: codes[0] }).count()) + (await lan.page.getByRole("link", { name: codes[1] }).count()) === 2;
  });
  // somebody else takes one of them meanwhile
  const other = await officer(ground, "lan");
  await accept(other, codes[1]);
  for (const c of codes) await lan.page.getByLabel(`Chọn ${c}`).check();
  await lan.page.getByRole("button", { name: "Tiếp nhận các việc đã chọn" }).click();
  await lan.page.getByRole("heading", { name: "Kết quả từng việc" }).waitFor();
  await lan.page.locator(".notice li", { hasText: codes[0] }).getByText("Xong").waitFor();
  const second = lan.page.locator(".notice li", { hasText: codes[1] });
  await second.waitFor();
  assert.doesNotMatch(await second.innerText(), /Xong/, "the one that had moved says so");
  lan.check();
}

async function filters(ground) {
  const p = await citizen(ground);
  const code = await quickReport(p, "Mương thoát nước bốc mùi hôi.", { category: "thoat_nuoc_ngap", commune: "99002" });
  const lan = await officer(ground, "lan");
  await openFrom(lan, "screen", code);
  await lan.page.goto("/can-bo/?hang=screen");
  await lan.page.getByLabel("Xã, phường").selectOption("99002");
  await lan.page.getByLabel("Tìm mã, lĩnh vực, xã").fill("cong ranh con may");
  await lan.page.getByRole("link", { name: code }).waitFor();
  assert.match(lan.page.url(), /xa=99002/);
  assert.match(lan.page.url(), /tim=cong/);
  await lan.page.getByText("Bộ lọc đã lưu").click();
  await lan.page.getByLabel("Tên bộ lọc").fill("Cồn Mây");
  await lan.page.getByRole("button", { name: "Lưu bộ lọc" }).click();
  const [file] = await Promise.all([lan.page.waitForEvent("download"), lan.page.getByRole("button", { name: "Tải CSV" }).click()]);
  const csv = await readFile(await file.path(), "utf8");
  assert.ok(csv.includes(code) && csv.trim().split("\r\n").length === 1 + (await lan.page.locator(".queue tbody tr").count()), "the CSV is what is shown");
  await lan.page.getByRole("link", { name: code }).click();
  await lan.page.getByRole("button", { name: "Tiếp nhận", exact: true }).click();
  await lan.page.getByText("Đã ghi nhận: Tiếp nhận phản ánh").waitFor();
  await lan.page.getByRole("link", { name: "Về hàng việc" }).click();
  await lan.page.waitForURL(/xa=99002.*|tim=.*/);
  await lan.page.goto("/can-bo/?hang=screen");
  await lan.page.getByText("Bộ lọc đã lưu").click();
  await lan.page.getByRole("link", { name: "Cồn Mây" }).click();
  await lan.page.waitForURL(/xa=99002/);
  lan.check();
}

/** A whole screening by keyboard alone. */
async function byKeyboard(ground) {
  const p = await citizen(ground);
  const code = await quickReport(p, "Vỉa hè sụt lún trước bưu điện.");
  const lan = await officer(ground, "lan");
  const { page } = lan;
  await openFrom(lan, "screen", code);
  await page.goto(`/can-bo/?hang=screen&tim=${encodeURIComponent(code)}`);
  await page.getByRole("link", { name: code }).waitFor();
  await page.keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), code);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Việc làm được bây giờ" }).waitFor();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement?.matches("button[type=submit]") && document.activeElement.textContent === "Tiếp nhận")) break;
  }
  await page.keyboard.press("Enter");
  await page.getByText("Đã ghi nhận: Tiếp nhận phản ánh").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "status", "the message has the focus");
  await page.keyboard.press("u");
  await page.waitForURL(/\/can-bo\/\?/);
  await page.goto("/tai-khoan/");
  await page.getByLabel("Dùng phím tắt ở trang cán bộ").uncheck();
  await page.goto("/can-bo/?hang=screen");
  await page.locator(".bar [role=status]").waitFor();
  await page.keyboard.press("/");
  assert.notEqual(await page.evaluate(() => document.activeElement?.id), "words", "the keys are off");
  lan.check();
}

async function contact(ground) {
  const p = await citizen(ground);
  const code = await quickReport(p, "Cầu gỗ qua rạch bị gãy ván.");
  const lan = await officer(ground, "lan");
  await openFrom(lan, "screen", code);
  assert.equal(await lan.page.getByText(p.email).count(), 0);
  await lan.page.getByText("Xem thông tin liên hệ").click();
  await lan.page.getByLabel("Lý do cần xem").fill("Gọi hỏi vị trí chính xác.");
  await lan.page.getByRole("button", { name: "Ghi nhật ký và hiện" }).click();
  await lan.page.getByText(p.email).waitFor();
  await lan.page.getByText("Đã ghi nhật ký").waitFor();
  lan.check();
}

async function monitorReads(ground) {
  const p = await citizen(ground);
  const code = await quickReport(p, "Nước máy đục suốt tuần qua.");
  const monitor = await officer(ground, "giamsat");
  await openFrom(monitor, "screen", code);
  await monitor.page.getByText("Tài khoản chỉ có quyền đọc phản ánh này.").waitFor();
  assert.equal(await monitor.page.locator(".acts button").count(), 0);
  await monitor.page.goto("/quan-tri/");
  await monitor.page.getByRole("heading", { name: "Không có quyền xem trang này" }).waitFor();
  monitor.check();
}

async function newOfficer(ground) {
  const admin = await officer(ground, "quantri");
  const name = `cb${Date.now().toString(36)}`;
  await admin.page.goto("/quan-tri/");
  await admin.page.getByLabel("Cơ quan", { exact: true }).first().selectOption("TTDH");
  await admin.page.getByRole("button", { name: "Lập tài khoản" }).click();
  await admin.page.getByRole("heading", { name: "Có lỗi cần sửa" }).waitFor();
  await admin.page.getByLabel("Họ và tên").fill("Ngô Thị Mới");
  await admin.page.getByLabel("Tên đăng nhập").fill(name);
  await admin.page.getByLabel("Thư công vụ").fill(`${name}@moclam.example`);
  await admin.page.locator("#roles").getByLabel("Cán bộ kiểm tra nội dung").check();
  await admin.page.getByRole("button", { name: "Lập tài khoản" }).click();
  await admin.page.getByText("Đã lập tài khoản Ngô Thị Mới").waitFor();
  const link = await mailedLink(ground, `${name}@moclam.example`, "/kich-hoat#");
  const fresh = await person(ground);
  await fresh.page.goto(link.pathname + link.hash);
  await fresh.page.getByLabel("Mật khẩu", { exact: true }).fill(password);
  await fresh.page.getByRole("button", { name: "Kích hoạt" }).click();
  await fresh.page.getByRole("heading", { name: "Tài khoản đã được kích hoạt" }).waitFor();
  assert.doesNotMatch(fresh.page.url(), /ma=/, "the code stands in no address any more");
  await fresh.page.getByRole("link", { name: "Đăng nhập" }).last().click();
  await fresh.page.getByLabel("Tên đăng nhập").fill(name);
  await fresh.page.getByLabel("Mật khẩu", { exact: true }).fill(password);
  await fresh.page.getByRole("button", { name: "Đăng nhập" }).click();
  await fresh.page.getByRole("heading", { name: "Việc cần làm" }).waitFor();
  await until("the account to be listed", async () => (await admin.page.locator(".card", { hasText: name }).count()) === 1);
  const card = admin.page.locator(".card", { hasText: name });
  await card.getByText("Đổi cơ quan, vai trò").click();
  await card.getByLabel("Thôi nhiệm vụ").check();
  await card.getByLabel("Lý do", { exact: true }).fill("Chuyển công tác.");
  await card.getByRole("button", { name: "Lưu thay đổi" }).click();
  await admin.page.locator(".card", { hasText: name }).getByText("Đang khóa: thôi nhiệm vụ").waitFor();
  await admin.page.locator(".card", { hasText: name }).getByText("Mở khóa").first().click();
  await admin.page.locator(".card", { hasText: name }).getByLabel(/Đề nghị mở khóa/).fill("Công văn 12/CV ngày hôm nay");
  await admin.page.locator(".card", { hasText: name }).getByRole("button", { name: "Mở khóa" }).click();
  await admin.page.locator(".card", { hasText: name }).getByText("Đang hoạt động").waitFor();
  admin.check();
  fresh.check();
}

async function settings(ground) {
  const admin = await officer(ground, "quantri", { expected: [line] });
  await admin.page.goto("/quan-tri/thiet-lap/?loai=policies");
  const area = admin.page.getByLabel("Nội dung (JSON)");
  await area.waitFor();
  const before = JSON.parse(await area.inputValue());
  await area.fill("{ không phải JSON");
  await admin.page.getByRole("button", { name: "Xem sẽ đổi gì" }).click();
  await admin.page.locator(".summary", { hasText: "không phải JSON" }).waitFor();
  const row = { name: "rating_days", value: 16, valid_from: new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+/, ""), note: "thử" };
  await area.fill(JSON.stringify([...before, row]));
  await admin.page.getByRole("button", { name: "Xem sẽ đổi gì" }).click();
  await admin.page.getByRole("heading", { name: "Sẽ thay đổi" }).waitFor();
  // somebody else stores first
  const now = await call(admin, "GET", "/v1/admin/settings/policies");
  await call(admin, "PUT", "/v1/admin/settings/policies", { document: [...before, { ...row, value: 17 }] }, { "If-Match": now.etag });
  await admin.page.getByRole("button", { name: "Lưu", exact: true }).click();
  await admin.page.locator(".summary", { hasText: "đã thay đổi" }).waitFor();
  admin.check();
}

async function barred(ground) {
  const guest = await person(ground);
  for (const path of ["/can-bo/", "/can-bo/phan-anh/?ma=PA-00000000000", "/quan-tri/", "/phan-anh-cua-toi/", "/hop-thu/", "/tai-khoan/"]) {
    await guest.page.goto(path);
    await guest.page.getByRole("heading", { name: "Cần đăng nhập" }).waitFor();
  }
  guest.check();
  const p = await citizen(ground);
  await p.page.goto("/can-bo/");
  await p.page.getByText("Trang này dành cho cán bộ.").waitFor();
  p.check();
}

export const tests = [
  ["two officers on one report: the later one sees what changed and loses nothing typed", twoOfficers],
  ["a supplement is asked and given", supplement],
  ["an agency returns a part and the operator answers", returned],
  ["a file that is no PDF, an unsigned one and a forged one are refused by their rule", badResults],
  ["bulk acts say the result of each row", bulk],
  ["filters live in the address, outlive an act, are saved and give a CSV", filters],
  ["a whole screening by keyboard alone, and the keys can be switched off", byKeyboard],
  ["contact data is shown only by a logged act", contact],
  ["the monitor reads and acts nowhere", monitorReads],
  ["an officer's account is made, activated, locked and unlocked", newOfficer],
  ["settings are checked, tried and kept from a second writer", settings],
  ["guests and reporters see no officers' page", barred],
];
