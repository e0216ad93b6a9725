// Reporters and reports for tests that are about something else: made once, by the
// browser's own session.
import { phone, person, reporter } from "./harness.mjs";

/** A reporter whose session later tests use again. */
export async function citizen(ground, options = {}) {
  if (!ground.shared.citizen) {
    const p = await reporter(ground);
    ground.shared.citizen = { state: await p.context.storageState(), name: p.name, email: p.email };
    await p.close();
  }
  const kept = ground.shared.citizen;
  const p = await person(ground, { viewport: phone, storageState: kept.state, ...options });
  await p.page.goto("/phan-anh-cua-toi/");
  await p.page.getByRole("heading", { name: "Phản ánh của tôi" }).waitFor();
  return { ...p, name: kept.name, email: kept.email };
}

/** Calls the API as the page's own session would. */
export function call(p, method, path, body, headers = {}) {
  return p.page.evaluate(
    async ([method, path, body, headers]) => {
      const answer = await fetch(path, {
        method,
        headers: { "Content-Type": "application/json", ...(method === "GET" ? {} : { "Idempotency-Key": crypto.randomUUID() }), ...headers },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await answer.text();
      return { status: answer.status, etag: answer.headers.get("ETag"), body: text ? JSON.parse(text) : null };
    },
    [method, path, body, headers],
  );
}

export async function quickReport(p, text = "Đèn đường trước trường học không sáng đã ba đêm nay.", more = {}) {
  const out = await call(p, "POST", "/v1/reports", {
    text,
    category: "chieu_sang_cay_xanh",
    commune: "99001",
    address: "Trước trường tiểu học Lam Châu",
    notice: "email",
    publicity: "hidden",
    ...more,
  });
  if (out.status !== 201) throw new Error(`sending a report answered ${out.status}: ${JSON.stringify(out.body)}`);
  return out.body.report.id;
}

export async function ownReports(p) {
  const out = await call(p, "GET", "/v1/reports?limit=100");
  return out.body.reports;
}
