// Measures what §8 of the design bounds, on a slow phone: CPU ÷ 4, 1.6 Mbit/s, 150 ms.
// Medians of five; it is a measurement and no test. With a file's name it writes
// [{name, value, unit, budget}] there.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { citizen } from "./people.mjs";
import { desk, logIn, person, phone, root, startBrowser, startSystem } from "./harness.mjs";
import { weight } from "./weight.mjs";

const rounds = 5;
const figures = [];

function tell(name, value, unit, budget) {
  figures.push({ name, value: Math.round(value * 10) / 10, unit, budget });
  console.log(`${name}: ${figures.at(-1).value} ${unit} (budget ${budget})`);
}
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function slow(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
  await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 });
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
}

function paints() {
  return new Promise((done) => {
    let lcp = 0;
    new PerformanceObserver((l) => {
      for (const e of l.getEntries()) lcp = e.startTime;
    }).observe({ type: "largest-contentful-paint", buffered: true });
    setTimeout(() => done({ fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0, lcp }), 300);
  });
}

async function page(ground, path, state) {
  const found = [];
  for (let i = 0; i < rounds; i++) {
    const p = await person(ground, { viewport: phone, ...(state ? { storageState: state } : {}) });
    await slow(p.page);
    await p.page.goto(path);
    await p.page.waitForTimeout(1500);
    found.push(await p.page.evaluate(paints));
    await p.close();
  }
  const kb = (await weight(process.env.PAHT_PAGES ?? join(root, "build/web"), path)).total / 1024;
  tell(`first contentful paint of ${path}`, median(found.map((f) => f.fcp)), "ms", 1000);
  tell(`largest contentful paint of ${path}`, median(found.map((f) => f.lcp)), "ms", 1000);
  tell(`script and style of ${path}, compressed`, kb, "KB", 20);
}

/** The queue with 1,000 rows: from a key in the search to the frame that shows its rows. */
async function queue(ground) {
  const p = await person(ground, { viewport: desk });
  await logIn(p, "lan");
  const item = (i) => ({
    report: `PA-${String(i).padStart(11, "0")}`, etag: '"1"', state: "screening", category: i % 2 ? "dien" : "giao_thong", categoryName: i % 2 ? "Điện" : "Giao thông",
    commune: "99001", communeName: i % 3 ? "Phường Lam Châu" : "Xã Cồn Mây", submittedAt: "2026-11-24T08:00:00+07:00", due: new Date(Date.now() + i * 60_000).toISOString(), late: false, flags: [],
  });
  await p.page.route("**/v1/queues/**", (route) => {
    const at = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    return route.fulfill({ json: { items: Array.from({ length: 100 }, (_, i) => item(at + i)), ...(at < 900 ? { next: String(at + 100) } : {}) } });
  });
  await p.page.goto("/can-bo/?hang=screen");
  await p.page.waitForFunction(() => document.querySelector(".bar [role=status]")?.textContent.startsWith("1000 "));
  const cdp = await p.context.newCDPSession(p.page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const found = [];
  for (let i = 0; i < rounds; i++) {
    for (const words of ["con may", ""]) {
      found.push(
        await p.page.evaluate(async (words) => {
          const input = document.getElementById("words");
          const begun = performance.now();
          input.value = words;
          input.dispatchEvent(new InputEvent("input", { bubbles: true }));
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          return performance.now() - begun;
        }, words),
      );
    }
  }
  const narrow = found.filter((_, i) => i % 2 === 0);
  const whole = found.filter((_, i) => i % 2 === 1);
  tell("queue of 1,000 rows, a filter that leaves a third (CPU ÷ 4)", median(narrow), "ms", 100);
  tell("queue of 1,000 rows, back to all (CPU ÷ 4)", median(whole), "ms", 100);
  await p.close();
}

const system = await startSystem();
const browser = await startBrowser();
const ground = { address: system.address, browser, shared: {} };
try {
  const p = await citizen(ground);
  const state = await p.context.storageState();
  await p.close();
  await page(ground, "/");
  await page(ground, "/gui-phan-anh/", state);
  await queue(ground);
  if (process.argv[2]) await writeFile(process.argv[2], JSON.stringify(figures, null, 2) + "\n");
} finally {
  await browser.close();
  await system.stop();
}
