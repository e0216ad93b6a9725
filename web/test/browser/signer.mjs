// Signed results for the tests, and the department's settings that trust them.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { password, root } from "./harness.mjs";

export async function startSigner() {
  const child = spawn("go", ["run", "./web/test/signer"], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the signer ended");
    return value;
  };
  const trust = JSON.parse(await next());
  return {
    trust,
    async make(kind, code) {
      child.stdin.write(`${kind} ${code}\n`);
      return Buffer.from(await next(), "base64");
    },
    stop: () => child.stdin.end(),
  };
}

/** Puts the test's authority and the agency's certificate into the settings, and lets notices leave at once. */
export async function trustSigner(ground, trust) {
  const call = async (method, path, body, headers = {}) => {
    const answer = await fetch(ground.address + path, {
      method,
      headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID(), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok && answer.status !== 404) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return { etag: answer.headers.get("ETag"), body: answer.status === 404 ? null : await answer.json() };
  };
  const session = await call("POST", "/v1/sessions", { logIn: "quantri", password, device: "test" });
  const auth = { Authorization: `Bearer ${session.body.token}` };
  const add = async (kind, ...rows) => {
    const found = await call("GET", `/v1/admin/settings/${kind}`, null, auth);
    const document = [...(found.body?.document ?? []), ...rows];
    await call("PUT", `/v1/admin/settings/${kind}`, { document }, { ...auth, "If-Match": found.etag ?? '"0"' });
  };
  const name = `Browser ${Date.now()}`;
  const from = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, "");
  const now = new Date().toISOString().replace(/\.\d+/, "");
  await add("policies", { name: "notice_delay_seconds", value: 1, valid_from: now, note: "browser tests" });
  await add("roots", { name, use: "root", pem: trust.roots, valid_from: from }, { name, use: "intermediate", pem: trust.intermediates, valid_from: from });
  const certificates = await call("GET", "/v1/admin/settings/certificates", null, auth);
  if (!(certificates.body?.document ?? []).some((r) => r.common_name === trust.agency)) {
    await add("certificates", { agency: "TTHTKT", common_name: trust.agency });
  }
}
