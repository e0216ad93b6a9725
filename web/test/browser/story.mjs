// The main job, through pages only: the reporter on a phone, the officers on a desk.
import assert from "node:assert/strict";
import { desk, logIn, person, reporter, until } from "./harness.mjs";
import { photo } from "./photo.mjs";

export const text = "Nắp cống trước chợ bị vỡ, xe máy đi qua rất nguy hiểm, nhất là buổi tối.";
export const summary = "Đã thay nắp cống mới và kiểm tra các nắp cống lân cận.";

/** Fills the form up to "check answers". */
export async function fillForm(p, { photos = 1, where = "address", what = text } = {}) {
  const { page } = p;
  await page.goto("/gui-phan-anh/");
  await page.getByRole("heading", { name: "Hình ảnh" }).waitFor();
  if (photos > 0) {
    const files = [];
    for (let i = 0; i < photos; i++) files.push(await photo(page, 3000, 2000, `anh${i}.jpg`));
    await page.setInputFiles("#photo-input", files);
    await until("the photos to be uploaded", async () => (await page.getByText("Đã tải lên").count()) === photos);
  }
  await page.getByRole("button", { name: "Tiếp tục" }).click();
  await page.getByRole("heading", { name: "Sự việc ở đâu?" }).waitFor();
  if (where === "map") {
    await page.getByRole("button", { name: "Chọn trên bản đồ" }).click();
    await page.locator(".map .commune").first().waitFor();
    await page.waitForTimeout(400);
    const box = await page.locator(".map").boundingBox();
    await page.locator(".map").click({ position: { x: box.width / 2, y: box.height / 2 } });
    await page.getByText("Điểm đã chọn").waitFor();
  } else {
    await page.getByLabel("Xã, phường").selectOption({ label: "Phường Lam Châu" });
  }
  await page.getByLabel("Địa chỉ hoặc mốc dễ thấy").fill("Trước chợ Lam Châu, đường Lê Lợi");
  await page.getByRole("button", { name: "Tiếp tục" }).click();
  await page.getByRole("heading", { name: "Sự việc gì?" }).waitFor();
  await page.getByLabel(/Cống rãnh/).check();
  await page.getByLabel("Nội dung").fill(what);
  await page.getByRole("button", { name: "Tiếp tục" }).click();
  await page.getByRole("heading", { name: "Công khai và nhận tin" }).waitFor();
  await page.getByRole("button", { name: "Tiếp tục" }).click();
  await page.getByRole("heading", { name: "Xem lại trước khi gửi" }).waitFor();
}

export async function send(p) {
  await p.page.getByRole("button", { name: "Gửi phản ánh" }).click();
  await p.page.getByRole("heading", { name: "Đã gửi phản ánh" }).waitFor();
  const code = (await p.page.locator(".confirm .code").innerText()).trim();
  assert.match(code, /^PA-[0-9A-HJKMNP-TV-Z]{10}.$/);
  return code;
}

/** Opens a report out of a queue, once the queue shows it. */
export async function openFrom(p, stage, code) {
  await until(`the queue ${stage} to show ${code}`, async () => {
    await p.page.goto(`/can-bo/?hang=${stage}`);
    await p.page.locator("[role=status]", { hasText: /việc/ }).first().waitFor();
    return (await p.page.getByRole("link", { name: code }).count()) > 0;
  });
  await Promise.all([p.page.waitForURL(/\/can-bo\/phan-anh\//), p.page.getByRole("link", { name: code }).click()]);
  await p.page.getByRole("heading", { name: `Phản ánh ${code}` }).waitFor();
  await p.page.getByRole("heading", { name: "Việc làm được bây giờ" }).waitFor();
}

export async function accept(p, code) {
  await openFrom(p, "screen", code);
  await p.page.getByRole("button", { name: "Tiếp nhận", exact: true }).click();
  await p.page.getByText("Đã ghi nhận: Tiếp nhận phản ánh").waitFor();
}

export async function transfer(p, code) {
  await openFrom(p, "route", code);
  await until("the machine's proposal", async () => {
    if (await p.page.getByText("Hệ thống đề xuất").count()) return true;
    await p.page.reload();
    await p.page.getByRole("heading", { name: "Việc làm được bây giờ" }).waitFor();
    return false;
  });
  const agency = p.page.getByLabel("Mã cơ quan 1");
  if (!(await agency.inputValue())) await agency.fill("TTHTKT");
  await p.page.getByRole("button", { name: "Chuyển xử lý", exact: true }).click();
  await p.page.getByText("Đã ghi nhận: Chuyển đến cơ quan xử lý").waitFor();
}

export async function receive(p, code) {
  await openFrom(p, "agency", code);
  await p.page.getByRole("button", { name: "Nhận xử lý", exact: true }).click();
  await p.page.getByText("Đã ghi nhận: Cơ quan nhận xử lý").waitFor();
}

export async function conclude(p, code, file, name = "ket-qua.pdf") {
  await p.page.getByLabel("Văn bản PDF đã ký số").setInputFiles({ name, mimeType: "application/pdf", buffer: file });
  await p.page.getByLabel("Tóm tắt kết quả cho công chúng").fill(summary);
  await p.page.getByRole("button", { name: "Gửi kết quả có ký số" }).click();
}

export async function publish(p, code) {
  await openFrom(p, "edit", code);
  await until("the machine's draft", async () => {
    if ((await p.page.getByLabel("Kết quả xử lý công khai").inputValue().catch(() => "")) === summary) return true;
    await p.page.reload();
    await p.page.getByRole("heading", { name: "Việc làm được bây giờ" }).waitFor();
    return false;
  });
  await p.page.getByLabel("Tiêu đề công khai").fill("Vỡ nắp cống trước chợ Lam Châu");
  for (const box of await p.page.getByLabel(/Đã xem hình/).all()) await box.check();
  await p.page.getByRole("button", { name: "Lưu bản thảo" }).click();
  await p.page.getByText("Đã ghi nhận: Biên tập bản công khai").waitFor();
  await p.page.getByRole("button", { name: "Xem trước" }).click();
  await p.page.getByRole("button", { name: "Công khai ngay" }).click();
  await p.page.getByText("Đã ghi nhận: Công khai kết quả").waitFor();
}

export async function officer(ground, name, options = {}) {
  const p = await person(ground, { viewport: desk, ...options });
  await logIn(p, name);
  return p;
}

/** The whole story; gives the people and the code to whoever looks on. */
export async function wholeStory(ground) {
  const citizen = await reporter(ground);
  await fillForm(citizen, { photos: 2, where: "map" });
  const code = await send(citizen);
  citizen.check();

  const screener = await officer(ground, "lan");
  await accept(screener, code);
  screener.check();
  const router = await officer(ground, "hung");
  await transfer(router, code);
  router.check();
  const handler = await officer(ground, "minh");
  await receive(handler, code);
  await handler.page.getByText("Báo tiến độ").first().click();
  await handler.page.getByLabel("Tiến độ gửi cho người phản ánh").fill("Đã rào chắn, đang đặt nắp cống mới.");
  await handler.page.getByRole("button", { name: "Báo tiến độ" }).click();
  await handler.page.getByText("Đã ghi nhận: Cơ quan báo tiến độ").waitFor();
  await handler.page.waitForTimeout(1100); // signing times are whole seconds
  await handler.page.reload();
  await handler.page.getByRole("heading", { name: "Việc làm được bây giờ" }).waitFor();
  await conclude(handler, code, await ground.signer.make("sign", code));
  await handler.page.getByText("Đã ghi nhận: Cơ quan gửi kết quả có ký số").waitFor();
  handler.check();

  const editor = await officer(ground, "mai");
  await publish(editor, code);
  editor.check();
  await readAndRate(ground, citizen, code);
  return { code, citizen, screener, router, handler, editor };
}

async function readAndRate(ground, citizen, code) {
  const anybody = await person(ground, { viewport: { width: 360, height: 740 } });
  await anybody.page.goto("/tra-cuu/");
  await anybody.page.getByLabel("Mã phản ánh").fill(code.toLowerCase().replace(/-/g, " "));
  await anybody.page.getByRole("button", { name: "Tra cứu" }).click();
  await anybody.page.getByRole("link", { name: "Xem kết quả đã công khai" }).click();
  await anybody.page.getByRole("heading", { name: "Vỡ nắp cống trước chợ Lam Châu" }).waitFor();
  assert.equal(await anybody.page.getByText("Trần Thị Thanh Thuỳ").count(), 0, "the reporter's name is hidden");
  assert.equal(await anybody.page.locator(".photos img").count(), 2);
  await until("the pictures to be there", () => anybody.page.locator(".photos img").first().evaluate((i) => i.complete && i.naturalWidth > 0));
  await anybody.page.goto("/cong-khai/?tim=vo%20nap%20cong");
  await anybody.page.getByRole("link", { name: "Vỡ nắp cống trước chợ Lam Châu" }).first().waitFor();
  anybody.check();
  await anybody.close();

  await citizen.page.goto(`/phan-anh/?ma=${encodeURIComponent(code)}`);
  await citizen.page.getByLabel("Hài lòng", { exact: true }).check();
  await citizen.page.getByRole("button", { name: "Gửi đánh giá" }).click();
  await citizen.page.getByText("Đã ghi nhận: Hài lòng").waitFor();
  await citizen.page.getByText("2 chữ ký hợp lệ").waitFor();
  await citizen.page.goto("/hop-thu/");
  await until("the notices to be there", async () => {
    await citizen.page.reload();
    await citizen.page.locator(".card").first().waitFor();
    return (await citizen.page.locator(".card", { hasText: code }).count()) >= 3;
  });
  citizen.check();
}
