// Runs the browser tests, one after the other, on a system of their own:
//
//	node test/browser/run.mjs [word in the name …]
//
// What fails leaves a picture of every open page in build/screenshots/failed.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { screenshots, startBrowser, startSystem } from "./harness.mjs";
import { startSigner, trustSigner } from "./signer.mjs";
import { tests as reporting } from "./reporting.mjs";
import { tests as officers } from "./officers.mjs";
import { tests as everyPage } from "./every-page.mjs";

const wanted = process.argv.slice(2);
const all = [...reporting, ...officers, ...everyPage].filter(([name]) => wanted.length === 0 || wanted.some((w) => name.includes(w)));
if (all.length === 0) {
  console.error("no test has that name");
  process.exit(1);
}

const system = await startSystem();
const signer = await startSigner();
const browser = await startBrowser();
const ground = { address: system.address, browser, signer, shared: {} };
let failed = 0;
try {
  await rm(join(screenshots, "failed"), { recursive: true, force: true });
  await trustSigner(ground, signer.trust);
  for (const [name, test] of all) {
    const begun = Date.now();
    try {
      await test(ground);
      console.log(`ok    ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).replace(/\n/g, "\n      ")}`);
      await picture(name);
    }
    for (const context of browser.contexts()) await context.close();
  }
} finally {
  signer.stop();
  await browser.close();
  await system.stop();
}
console.log(failed === 0 ? `all ${all.length} hold` : `${failed} of ${all.length} fail`);
process.exit(failed === 0 ? 0 : 1);

async function picture(name) {
  const folder = join(screenshots, "failed");
  await mkdir(folder, { recursive: true });
  let n = 0;
  for (const context of browser.contexts()) {
    for (const page of context.pages()) {
      await page.screenshot({ path: join(folder, `${name.replace(/\W+/g, "-").slice(0, 60)}-${n++}.png`), fullPage: true }).catch(() => undefined);
    }
  }
}
