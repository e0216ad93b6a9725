// Bulk acts: single operations one after the other, with a result a row.
import { useState } from "preact/hooks";
import { api, newKey, settle } from "../api/client";
import { t } from "../i18n";
import { problemText } from "../ui/form";
import type { Row } from "./filter";

interface Result {
  code: string;
  ok: boolean;
  text: string;
}

async function act(stage: string, r: Row): Promise<Result> {
  const header = { "Idempotency-Key": newKey(), "If-Match": r.item.etag };
  const out =
    stage === "screen"
      ? await settle(api.POST("/v1/reports/{report}/acceptance", { params: { path: { report: r.item.report }, header }, body: {} }))
      : await settle(
          api.POST("/v1/reports/{report}/assignments/{assignment}/receipt", {
            params: { path: { report: r.item.report, assignment: r.item.assignment ?? "" }, header },
          }),
        );
  return { code: r.item.report, ok: out.ok, text: out.ok ? t("queue.bulkOk") : problemText(out.problem) };
}

export function Bulk({ stage, chosen, done }: { stage: string; chosen: Row[]; done: () => Promise<void> }) {
  const [results, setResults] = useState<Result[]>([]);
  const [busy, setBusy] = useState(false);
  async function run() {
    if (busy) return;
    setBusy(true);
    const all: Result[] = [];
    for (const r of chosen) {
      all.push(await act(stage, r));
      setResults([...all]);
    }
    setBusy(false);
    await done();
  }
  return (
    <>
      {chosen.length > 0 ? (
        <div class="bar">
          <p>{t("queue.selected", { n: chosen.length })}</p>
          <button type="button" class="button main" aria-disabled={busy ? "true" : undefined} onClick={() => void run()}>
            {busy ? t("sending") : t(stage === "screen" ? "queue.bulk.accept" : "queue.bulk.receive")}
          </button>
        </div>
      ) : null}
      {results.length > 0 ? (
        <section class="notice" role="status">
          <h2>{t("queue.bulkDone")}</h2>
          <ul>
            {results.map((r) => (
              <li key={r.code}>
                {r.code}: <strong class={r.ok ? "tag good" : "tag bad"}>{r.text}</strong>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}
