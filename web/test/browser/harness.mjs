// The ground of the browser tests: a local system of their own on a free port, one
// Chromium, and pages that watch themselves: a console error, a request to another
// host or a broken policy fails the test in which it happens.
import { spawn } from "node:child_process";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
export const screenshots = join(root, "build/screenshots");
export const password = "Cau-Ngang-1433-demo"; // of the demo's log-ins
export const phone = { width: 360, height: 740 };
export const desk = { width: 1280, height: 800 };

function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.on("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/**
 * Starts the whole system; stop ends it and removes its data. PAHT_ADDRESS names one
 * that runs already, PAHT_BINARY and PAHT_BUILD another build than build/.
 */
export async function startSystem() {
  if (process.env.PAHT_ADDRESS) return { address: process.env.PAHT_ADDRESS, stop: async () => {} };
  const port = await freePort();
  const data = await mkdtemp(join(tmpdir(), "paht-web-"));
  const build = process.env.PAHT_BUILD ?? join(root, "build/local");
  const child = spawn(process.env.PAHT_BINARY ?? join(root, "build/paht"), ["run"], {
    cwd: root,
    env: { ...process.env, PORT: String(port), DATA: data, BUILD: build, PAGES: join(root, "build/web") },
  });
  let said = "";
  child.stdout.on("data", (d) => (said += d));
  child.stderr.on("data", (d) => (said += d));
  const address = `http://localhost:${port}`;
  for (let i = 0; i < 600; i++) {
    if (child.exitCode !== null) throw new Error(`the system ended:\n${said}`);
    if (said.includes("log-ins, each")) break;
    await sleep(100);
  }
  if (!said.includes("log-ins, each")) throw new Error(`the system did not start within a minute:\n${said}`);
  const stop = async () => {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  return { address, stop };
}

export async function startBrowser() {
  await mkdir(screenshots, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until something holds; what it gives is given on. */
export async function until(what, holds, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const out = await holds();
    if (out) return out;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(150);
  }
}

/** A person at a browser of their own. */
export async function person(ground, options = {}) {
  const { expected = [], ...rest } = options;
  const context = await ground.browser.newContext({ baseURL: ground.address, viewport: desk, locale: "vi-VN", timezoneId: "Asia/Ho_Chi_Minh", ...rest });
  const page = await context.newPage();
  const wrong = [];
  const allowed = [...expected];
  page.on("console", (m) => {
    if (m.type() !== "error" && m.type() !== "warning") return;
    const text = `${m.text()} (${m.location().url})`;
    if (!allowed.some((a) => a.test(text))) wrong.push(`console: ${text}`);
  });
  page.on("pageerror", (e) => wrong.push(`page error: ${e.stack ?? e.message}`));
  context.on("request", (r) => {
    const url = new URL(r.url());
    if (url.protocol === "blob:" || url.protocol === "data:") return;
    // the object store of the local system stands on a port of the same machine
    if (url.origin !== ground.address && url.hostname !== "127.0.0.1") wrong.push(`request to another host: ${r.url()}`);
  });
  return {
    context,
    page,
    /** Lets a console message be, where a failing case is what is tested. */
    expect: (pattern) => allowed.push(pattern),
    check() {
      if (wrong.length > 0) throw new Error(wrong.splice(0).join("\n"));
    },
    close: () => context.close(),
  };
}

/** Logs in through the page and waits for where it leads. */
export async function logIn(p, name, secret = password) {
  await p.page.goto("/dang-nhap/");
  await p.page.getByLabel("Tên đăng nhập").fill(name);
  await p.page.getByLabel("Mật khẩu", { exact: true }).fill(secret);
  await p.page.getByRole("button", { name: "Đăng nhập" }).click();
  await p.page.waitForURL((u) => !u.pathname.startsWith("/dang-nhap"));
}

/** The messages that the system sent to an address. */
export async function mails(ground, to) {
  const answer = await fetch(`${ground.address}/local/outbox.json?to=${encodeURIComponent(to)}`);
  return (await answer.json()).messages ?? [];
}

/** The link of the newest message that holds one of that path. */
export async function mailedLink(ground, to, path) {
  return until(`a message to ${to} with ${path}`, async () => {
    for (const m of await mails(ground, to)) {
      const found = new RegExp(`https?://\\S*${path}\\S*`).exec(m.text ?? "");
      if (found) return new URL(found[0]);
    }
    return null;
  });
}

let made = 0;
export function freshName() {
  made++;
  return `nguoi${Date.now().toString(36)}${made}`;
}

/** Registers, verifies and logs in a reporter, all through the pages. */
export async function reporter(ground, options = {}) {
  const p = await person(ground, { viewport: phone, hasTouch: true, isMobile: true, ...options });
  const name = freshName();
  const email = `${name}@vidu.example`;
  await p.page.goto("/dang-ky/");
  await p.page.getByLabel("Họ và tên").fill("Trần Thị Thanh Thuỳ");
  await p.page.getByLabel("Thư điện tử").fill(email);
  await p.page.getByLabel("Tên đăng nhập").fill(name);
  await p.page.getByLabel("Mật khẩu", { exact: true }).fill(password);
  await p.page.getByRole("button", { name: "Đăng ký" }).click();
  await p.page.waitForURL(/xac-minh/);
  const link = await mailedLink(ground, email, "/xac-minh#");
  await p.page.goto("about:blank");
  await p.page.goto(link.pathname + link.hash);
  await p.page.getByRole("button", { name: "Xác minh" }).click();
  await p.page.getByRole("heading", { name: "Thư điện tử đã được xác minh" }).waitFor();
  await logIn(p, name);
  return { ...p, name, email };
}
