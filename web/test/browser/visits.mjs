// Every page in every state that is worth looking at: who goes there, and what is
// done before it is looked at. The words of both languages stand side by side.
import { photo } from "./photo.mjs";

const query = (code) => `ma=${encodeURIComponent(code)}`;
const submit = (page) => page.locator("form:visible button[type=submit]").last().click();
const openAll = (page) => page.locator("main details").evaluateAll((all) => all.forEach((d) => (d.open = true)));

async function freshDraft(page) {
  await page.locator("h1").waitFor();
  await page.waitForTimeout(250);
  const buttons = page.locator("main > button.main"); // "start a new report", where drafts wait
  if (await buttons.count()) await buttons.first().click();
  await page.locator("#photo-input").waitFor({ state: "attached" });
}

async function toStep(page, step) {
  await freshDraft(page);
  if (step === 0) return;
  await submit(page);
  await page.locator("#commune").waitFor();
  if (step === 1) return;
  await page.locator("#commune").selectOption({ index: 1 });
  await page.locator("#address").fill("Ngã ba chợ Lam Châu, trước tiệm thuốc tây Nguyễn Thị Thanh Nhàn");
  await submit(page);
  await page.locator("#text").waitFor();
  if (step === 2) return;
  await page.locator("input[name=category]").first().check();
  await page.locator("#text").fill("Ổ gà lớn giữa ngã ba chợ, đã có người ngã xe. ".repeat(20).slice(0, 900));
  await submit(page);
  await page.locator("#publicity").waitFor();
  if (step === 3) return;
  await submit(page);
  await page.locator(".rows").waitFor();
}

export function visits(codes, published) {
  const send = (step, more) => async (page) => {
    await toStep(page, step);
    await more?.(page);
  };
  return [
    { name: "start", path: "/" },
    { name: "register", path: "/dang-ky/" },
    { name: "register-errors", path: "/dang-ky/", prepare: submit },
    { name: "verify", path: "/xac-minh/" },
    { name: "log-in", path: "/dang-nhap/" },
    { name: "log-in-errors", path: "/dang-nhap/", prepare: submit },
    { name: "activate", path: "/kich-hoat/" },
    { name: "track", path: "/tra-cuu/" },
    { name: "track-found", path: `/tra-cuu/?${query(published)}`, wait: ".rows" },
    { name: "track-wrong", path: "/tra-cuu/?ma=PA-1" },
    { name: "published", path: "/cong-khai/", wait: ".card" },
    { name: "published-map", path: "/cong-khai/", wait: ".card", prepare: async (page) => {
      await page.locator("main details summary").click();
      await page.locator(".map .commune").first().waitFor();
    } },
    { name: "published-item", path: `/cong-khai/phan-anh/?${query(published)}`, wait: ".rows" },
    { name: "guide", path: "/huong-dan/" },
    { name: "missing", path: "/404.html" },
    { name: "needs-log-in", path: "/phan-anh-cua-toi/" },
    { who: "citizen", name: "send-1-photos", path: "/gui-phan-anh/", prepare: send(0, async (page) => {
      await page.setInputFiles("#photo-input", [await photo(page, 800, 600), await photo(page, 600, 800)]);
      await page.locator(".chosen-photos li").nth(1).waitFor();
      await page.waitForTimeout(1200);
    }) },
    { who: "citizen", name: "send-2-place", path: "/gui-phan-anh/", prepare: send(1, async (page) => {
      await page.locator("button[aria-expanded]").last().click();
      await page.locator(".map .commune").first().waitFor();
    }) },
    { who: "citizen", name: "send-2-place-errors", path: "/gui-phan-anh/", prepare: send(1, submit) },
    { who: "citizen", name: "send-3-what-errors", path: "/gui-phan-anh/", prepare: send(2, async (page) => {
      await page.locator("#text").fill("duong hu hong nang xe may kho di qua");
      await submit(page);
    }) },
    { who: "citizen", name: "send-4-choices", path: "/gui-phan-anh/", prepare: send(3) },
    { who: "citizen", name: "send-5-check", path: "/gui-phan-anh/", prepare: send(4) },
    { who: "citizen", name: "mine", path: "/phan-anh-cua-toi/", wait: ".card" },
    { who: "citizen", name: "own-asked", path: `/phan-anh/?${query(codes.asked)}`, wait: ".timeline" },
    { who: "citizen", name: "own-long", path: `/phan-anh/?${query(codes.screening)}`, wait: ".timeline" },
    { who: "citizen", name: "own-handling", path: `/phan-anh/?${query(codes.handling)}`, wait: ".timeline" },
    { who: "citizen", name: "inbox", path: "/hop-thu/", wait: "main .card, main .notice" },
    { who: "citizen", name: "account", path: "/tai-khoan/", wait: ".card" },
    { who: "lan", name: "queue-screen", path: "/can-bo/?hang=screen", wait: ".queue" },
    { who: "lan", name: "queue-empty", path: "/can-bo/?hang=screen&tim=khongco", wait: "main .notice" },
    { who: "lan", name: "desk-screening", path: `/can-bo/phan-anh/?${query(codes.screening)}`, wait: ".timeline", prepare: openAll },
    { who: "lan", name: "desk-screening-errors", path: `/can-bo/phan-anh/?${query(codes.screening)}`, wait: ".timeline", prepare: async (page) => {
      await openAll(page);
      // refuse and ask, both with nothing typed; the first would accept
      for (const n of [1, 2]) await page.locator(".acts details").nth(n).locator("button[type=submit]").click();
    } },
    { who: "hung", name: "queue-route", path: "/can-bo/?hang=route", wait: ".queue" },
    { who: "hung", name: "desk-routing", path: `/can-bo/phan-anh/?${query(codes.routing)}`, wait: ".timeline", prepare: openAll },
    { who: "minh", name: "queue-agency", path: "/can-bo/?hang=agency", wait: ".queue" },
    { who: "minh", name: "desk-handling", path: `/can-bo/phan-anh/?${query(codes.handling)}`, wait: ".timeline", prepare: openAll },
    { who: "mai", name: "queue-edit", path: "/can-bo/?hang=edit", wait: ".queue" },
    { who: "mai", name: "desk-editing", path: `/can-bo/phan-anh/?${query(codes.editing)}`, wait: ".timeline" },
    { who: "giamsat", name: "desk-monitor", path: `/can-bo/phan-anh/?${query(codes.handling)}`, wait: ".timeline" },
    { who: "lan", name: "officer-account", path: "/tai-khoan/", wait: ".card" },
    { who: "lan", name: "no-rights", path: "/quan-tri/" },
    { who: "quantri", name: "officers", path: "/quan-tri/?co-quan=TTDH", wait: ".card", prepare: openAll },
    { who: "quantri", name: "settings", path: "/quan-tri/thiet-lap/?loai=policies", wait: "textarea" },
  ];
}
