// The reporter's side, with its failing cases.
import assert from "node:assert/strict";
import { logIn, password, person, phone, until } from "./harness.mjs";
import { citizen, ownReports, quickReport, call } from "./people.mjs";
import { photo } from "./photo.mjs";
import { fillForm, send, text, wholeStory } from "./story.mjs";

const line = /Failed to load resource/; // what Chromium says of the failure that is tested

async function storyHolds(ground) {
  const { code } = await wholeStory(ground);
  ground.shared.published = code;
}

async function cutUpload(ground) {
  const p = await citizen(ground);
  p.expect(line);
  let cut = true;
  await p.context.route(/^http:\/\/127\.0\.0\.1:/, (route) => {
    if (route.request().method() === "POST" && cut) {
      cut = false;
      return route.abort("connectionreset");
    }
    return route.continue();
  });
  await p.page.goto("/gui-phan-anh/");
  await p.page.setInputFiles("#photo-input", [await photo(p.page, 1200, 900, "a.jpg"), await photo(p.page, 1000, 900, "b.jpg")]);
  await p.page.getByText("Chưa tải lên được").waitFor();
  await until("the other photo to be uploaded", async () => (await p.page.getByText("Đã tải lên").count()) === 1);
  await p.page.getByRole("button", { name: /Gửi lại hình/ }).click();
  await until("both photos to be uploaded", async () => (await p.page.getByText("Đã tải lên").count()) === 2);
  p.check();
}

async function shrunk(ground) {
  const p = await citizen(ground);
  const sizes = [];
  p.context.on("request", (r) => {
    if (r.url().endsWith("/v1/uploads") && r.method() === "POST") sizes.push(JSON.parse(r.postData()).files[0]);
  });
  await p.page.goto("/gui-phan-anh/");
  const big = await photo(p.page, 4000, 3000, "lon.jpg");
  await p.page.setInputFiles("#photo-input", big);
  await p.page.getByText("Đã tải lên").waitFor();
  const [width, height] = await p.page.locator(".chosen-photos img").evaluate((i) => [i.naturalWidth, i.naturalHeight]);
  assert.deepEqual([width, height], [2048, 1536]);
  assert.equal(sizes[0].type, "image/jpeg");
  assert.ok(sizes[0].size < big.buffer.length, "the file is smaller than the camera's");
  p.check();
}

async function wrongFile(ground) {
  const p = await citizen(ground);
  await p.page.goto("/gui-phan-anh/");
  await p.page.setInputFiles("#photo-input", [
    { name: "thu.txt", mimeType: "text/plain", buffer: Buffer.from("không phải hình") },
    await photo(p.page, 800, 600, "dung.jpg"),
  ]);
  await p.page.getByText("Không đọc được tệp thu.txt").waitFor();
  await p.page.getByText("Đã tải lên").waitFor();
  assert.equal(await p.page.locator(".chosen-photos li").count(), 1, "the good picture stays");
  await p.page.getByRole("button", { name: "Bỏ hình 1" }).click();
  assert.equal(await p.page.locator(".chosen-photos li").count(), 0);
  p.check();
}

async function offlineThenOnline(ground) {
  const p = await citizen(ground);
  p.expect(line);
  const before = (await ownReports(p)).length;
  const words = `Cây xanh ngã đè lên dây điện trên đường Lê Lợi ${Date.now()}.`;
  await fillForm(p, { photos: 0, what: words });
  await p.context.setOffline(true);
  await p.page.getByText("Không có kết nối mạng").waitFor();
  await p.page.getByRole("button", { name: "Gửi phản ánh" }).click();
  await p.page.getByRole("heading", { name: "Phản ánh đang đợi mạng" }).waitFor();
  await p.page.close();
  await p.context.setOffline(false);
  const again = await p.context.newPage();
  await again.goto("/"); // any page sends what waits
  await until("the report to go out", async () => (await ownReports({ page: again })).length === before + 1);
  await again.goto("/phan-anh-cua-toi/");
  await again.locator(".card").first().waitFor();
  await again.waitForTimeout(1000);
  assert.equal((await ownReports({ page: again })).length, before + 1, "it went out once");
  assert.equal(await again.getByText("Trên máy này, chưa gửi").count(), 0, "nothing waits any more");
}

async function lostAnswer(ground) {
  const p = await citizen(ground);
  p.expect(line);
  const before = (await ownReports(p)).length;
  await fillForm(p, { photos: 0, what: `Rác thải đổ bừa bãi sau chợ đã một tuần ${Date.now()}.` });
  let lost = true;
  await p.context.route("**/v1/reports", async (route) => {
    if (route.request().method() !== "POST" || !lost) return route.continue();
    lost = false;
    await route.fetch(); // the server took it
    await route.abort("connectionreset"); // and the answer never came
  });
  await p.page.getByRole("button", { name: "Gửi phản ánh" }).click();
  await p.page.getByRole("heading", { name: "Phản ánh đang đợi mạng" }).waitFor();
  await p.page.getByRole("button", { name: "Thử lại" }).click();
  await p.page.getByRole("heading", { name: "Đã gửi phản ánh" }).waitFor();
  assert.equal((await ownReports(p)).length, before + 1, "the repeat is the same report");
}

async function expiredSession(ground) {
  const p = await citizen(ground);
  p.expect(line);
  const before = (await ownReports(p)).length;
  await fillForm(p, { photos: 1 });
  await p.context.clearCookies();
  await p.page.getByRole("button", { name: "Gửi phản ánh" }).click();
  await p.page.getByRole("heading", { name: "Phiên đăng nhập đã hết hạn" }).waitFor();
  await p.page.getByRole("link", { name: "Đăng nhập" }).first().click();
  await p.page.getByLabel("Tên đăng nhập").fill(p.name);
  await p.page.getByLabel("Mật khẩu", { exact: true }).fill(password);
  await p.page.getByRole("button", { name: "Đăng nhập" }).click();
  await p.page.waitForURL(/gui-phan-anh.*buoc=check/);
  // What waited goes out by itself as soon as somebody is logged in.
  await p.page.getByRole("heading", { name: "Đã gửi phản ánh" }).waitFor();
  assert.equal((await ownReports(p)).length, before + 1);
  ground.shared.citizen = undefined; // that session is another one now
}

async function draftsStay(ground) {
  const p = await citizen(ground);
  await p.page.goto("/gui-phan-anh/");
  await p.page.getByRole("heading", { name: /Hình ảnh|Gửi phản ánh/ }).waitFor();
  const fresh = p.page.getByRole("button", { name: "Bắt đầu phản ánh mới" });
  if (await fresh.count()) await fresh.click();
  await p.page.setInputFiles("#photo-input", await photo(p.page, 900, 600));
  await p.page.getByText("Đã tải lên").waitFor();
  await p.page.getByRole("button", { name: "Tiếp tục" }).click();
  await p.page.getByLabel("Địa chỉ hoặc mốc dễ thấy").fill("Cầu Rạch Sương");
  const address = p.page.url();
  await p.page.waitForTimeout(200);
  await p.page.close();
  p.page = await p.context.newPage();
  await p.page.goto(address);
  await p.page.getByRole("heading", { name: "Sự việc ở đâu?" }).waitFor();
  assert.equal(await p.page.getByLabel("Địa chỉ hoặc mốc dễ thấy").inputValue(), "Cầu Rạch Sương");
  await p.page.goto("/gui-phan-anh/");
  await p.page.getByRole("heading", { name: "Bản nháp trên máy này" }).waitFor();
  await p.page.getByRole("button", { name: "Bắt đầu phản ánh mới" }).click();
  await p.page.getByRole("button", { name: "Tiếp tục" }).click();
  await p.page.getByLabel("Địa chỉ hoặc mốc dễ thấy").fill("Bến đò Cồn Mây");
  await p.page.waitForTimeout(200);
  await p.page.goto("/phan-anh-cua-toi/");
  await until("both drafts to be there", async () => (await p.page.getByRole("link", { name: "Viết tiếp" }).count()) >= 2);
}

async function missingFields(ground) {
  const p = await citizen(ground);
  await p.page.goto("/gui-phan-anh/");
  const fresh = p.page.getByRole("button", { name: "Bắt đầu phản ánh mới" });
  await p.page.getByRole("heading", { level: 1 }).waitFor();
  await p.page.waitForTimeout(300);
  if (await fresh.count()) await fresh.click();
  await p.page.getByRole("button", { name: "Tiếp tục" }).click();
  await p.page.getByRole("button", { name: "Tiếp tục" }).click();
  await p.page.getByRole("heading", { name: "Có lỗi cần sửa" }).waitFor();
  assert.equal(await p.page.evaluate(() => document.activeElement?.className), "summary", "the summary has the focus");
  await p.page.locator(".summary a").first().click();
  assert.equal(await p.page.evaluate(() => document.activeElement?.id), "commune", "its link leads to the field");
  p.check();
}

async function withoutMarks(ground) {
  const p = await citizen(ground);
  p.expect(line);
  await fillForm(p, { photos: 0, what: "nap cong truoc cho bi vo xe may di qua rat nguy hiem" });
  await p.page.goBack();
  await p.page.goBack();
  await p.page.getByText("hình như không có dấu").waitFor();
  await p.page.getByRole("button", { name: "Tiếp tục" }).click();
  await p.page.getByRole("button", { name: "Tiếp tục" }).click();
  await p.page.getByRole("button", { name: "Gửi phản ánh" }).click();
  await p.page.getByRole("heading", { name: "Sự việc gì?" }).waitFor();
  await p.page.locator(".summary", { hasText: "Xin viết tiếng Việt có dấu" }).waitFor();
  await p.page.getByLabel("Nội dung").fill(text);
  await p.page.getByRole("button", { name: "Tiếp tục" }).click();
  await p.page.getByRole("button", { name: "Tiếp tục" }).click();
  await send(p);
}

async function doubleClick(ground) {
  const p = await citizen(ground);
  const before = (await ownReports(p)).length;
  await fillForm(p, { photos: 0, what: `Ngập nước kéo dài trước cổng trường ${Date.now()}.` });
  await p.page.getByRole("button", { name: "Gửi phản ánh" }).dblclick();
  await p.page.getByRole("heading", { name: "Đã gửi phản ánh" }).waitFor();
  await p.page.waitForTimeout(500);
  assert.equal((await ownReports(p)).length, before + 1);
  p.check();
}

async function withdrawal(ground) {
  const p = await citizen(ground);
  const code = await quickReport(p);
  await p.page.goto(`/phan-anh/?ma=${encodeURIComponent(code)}`);
  await p.page.getByText("Rút phản ánh", { exact: true }).click();
  await p.page.getByLabel("Lý do rút").fill("Đã có người sửa xong.");
  await p.page.getByRole("button", { name: "Rút phản ánh này" }).click();
  await p.page.getByText("Bạn đã rút phản ánh này").waitFor();
  p.check();
}

async function gps(ground) {
  const p = await citizen(ground, { geolocation: { latitude: 9.705, longitude: 106.085 }, permissions: ["geolocation"] });
  await p.page.goto("/gui-phan-anh/");
  await p.page.getByRole("heading", { level: 1 }).waitFor();
  await p.page.waitForTimeout(300);
  const fresh = p.page.getByRole("button", { name: "Bắt đầu phản ánh mới" });
  if (await fresh.count()) await fresh.click();
  await p.page.getByRole("button", { name: "Tiếp tục" }).click();
  await p.page.getByRole("button", { name: "Lấy vị trí của tôi" }).click();
  await p.page.getByText("Phường Lam Châu (9.705, 106.085)").waitFor();
  assert.equal(await p.page.getByLabel("Xã, phường").inputValue(), "99001");
  p.check();
}

async function wrongPassword(ground) {
  const p = await person(ground, { viewport: phone, expected: [line] });
  await p.page.goto("/dang-nhap/");
  await p.page.getByRole("button", { name: "Đăng nhập" }).click();
  await p.page.getByRole("heading", { name: "Có lỗi cần sửa" }).waitFor();
  await p.page.getByLabel("Tên đăng nhập").fill("khongco");
  await p.page.getByLabel("Mật khẩu", { exact: true }).fill("sai mat khau roi");
  await p.page.getByRole("button", { name: "Đăng nhập" }).click();
  await p.page.locator(".summary", { hasText: "Sai tên đăng nhập hoặc mật khẩu" }).waitFor();
  p.check();
}

/** A whole report by keyboard alone. */
async function byKeyboard(ground) {
  const p = await citizen(ground);
  const { page } = p;
  const tabTo = async (what) => {
    for (let i = 0; i < 80; i++) {
      if (await what.evaluate((e) => e === document.activeElement).catch(() => false)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error("the keyboard does not reach it: " + what);
  };
  await page.goto("/gui-phan-anh/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForTimeout(300);
  const fresh = page.getByRole("button", { name: "Bắt đầu phản ánh mới" });
  if (await fresh.count()) {
    await tabTo(fresh);
    await page.keyboard.press("Enter");
  }
  const go = page.getByRole("button", { name: "Tiếp tục" });
  await tabTo(go);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Sự việc ở đâu?" }).waitFor();
  await tabTo(page.getByLabel("Xã, phường"));
  await page.keyboard.press("ArrowDown");
  await tabTo(page.getByLabel("Địa chỉ hoặc mốc dễ thấy"));
  await page.keyboard.type("Ngã ba chợ");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Sự việc gì?" }).waitFor();
  await tabTo(page.locator("input[name=category]").first());
  await page.keyboard.press("Space");
  await tabTo(page.getByLabel("Nội dung"));
  await page.keyboard.insertText("Ổ gà lớn giữa ngã ba chợ, đã có người ngã xe.");
  await tabTo(go);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Công khai và nhận tin" }).waitFor();
  await tabTo(go);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Xem lại trước khi gửi" }).waitFor();
  await tabTo(page.getByRole("button", { name: "Gửi phản ánh" }));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Đã gửi phản ánh" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1", "the confirmation has the focus");
  p.check();
}

async function sessionsEnd(ground) {
  const p = await citizen(ground);
  const other = await person(ground, { viewport: phone });
  await logIn(other, p.name);
  await p.page.goto("/tai-khoan/");
  await until("the other session to be listed", async () => (await p.page.getByRole("button", { name: "Kết thúc phiên" }).count()) >= 1);
  await p.page.getByRole("button", { name: "Kết thúc phiên" }).first().click();
  await p.page.getByRole("button", { name: "Đăng xuất" }).click();
  await p.page.waitForURL((u) => u.pathname === "/");
  await p.page.goto("/phan-anh-cua-toi/");
  await p.page.getByRole("heading", { name: "Cần đăng nhập" }).waitFor();
  p.check();
  ground.shared.citizen = undefined;
}

export const tests = [
  ["the whole story of a report runs through pages alone", storyHolds],
  ["a photo of 4,000 px is sent as a JPEG of 2,048 px", shrunk],
  ["an upload that is cut can be sent again and loses no other", cutUpload],
  ["a file that is no picture is named and loses no other", wrongFile],
  ["without a line a report waits and goes out once when the line is back, also after the page was closed", offlineThenOnline],
  ["a report whose answer was lost is repeated and stays one report", lostAnswer],
  ["a session that expired comes back to the same step", expiredSession],
  ["several drafts with photos outlive the page", draftsStay],
  ["missing fields are announced and lead to the field", missingFields],
  ["a text without diacritics gets its hint, its error and its way back", withoutMarks],
  ["a double click sends one report", doubleClick],
  ["a report is withdrawn before acceptance", withdrawal],
  ["the device's position fills point and commune", gps],
  ["a wrong password is told without saying which was wrong", wrongPassword],
  ["a whole report by keyboard alone", byKeyboard],
  ["sessions are listed and ended", sessionsEnd],
];
