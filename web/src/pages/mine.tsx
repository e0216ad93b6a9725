// The reporter's own reports, and what still waits on this device.
import { useEffect, useState } from "preact/hooks";
import { api, settle, type Schemas } from "../api/client";
import { who } from "../api/session";
import { t } from "../i18n";
import { followingWords } from "../i18n/following";
import { reportingWords } from "../i18n/reporting";
import { outboxEvent } from "../draft/waiting";
import { draftsOf, type Draft } from "../draft/store";
import { Drafts } from "../sending/drafts";
import { dateTime } from "../time";
import { Show, useLoad } from "../ui/load";
import { start } from "../ui/shell";
import { Tag } from "../ui/state";

function Kept({ sent }: { sent: () => void }) {
  const [drafts, setDrafts] = useState<Draft[]>([]);
  const w = who();
  async function look() {
    if (w) setDrafts(await draftsOf(w.id));
  }
  useEffect(() => {
    const changed = () => {
      void look();
      sent();
    };
    void look();
    addEventListener(outboxEvent, changed);
    return () => removeEventListener(outboxEvent, changed);
  }, []);
  if (drafts.length === 0) return null;
  return (
    <>
      <h2>{t("mine.waiting")}</h2>
      <Drafts drafts={drafts} changed={look} />
    </>
  );
}

function Row({ of }: { of: Schemas["OwnReport"] }) {
  return (
    <li class="card">
      <h2>
        <a href={`/phan-anh/?ma=${encodeURIComponent(of.id)}`}>{of.categoryName ?? of.category}</a>
      </h2>
      <p>
        <Tag state={of.state} /> {of.asked ? <strong class="tag warn">{t("mine.asked")}</strong> : null}
      </p>
      <p class="faint">
        {of.id} · {of.communeName ?? of.commune} · {t("mine.sent", { when: dateTime(of.submittedAt) })}
      </p>
    </li>
  );
}

function Mine() {
  const [older, setOlder] = useState<Schemas["OwnReport"][]>([]);
  const [next, setNext] = useState<string | undefined>();
  const first = useLoad(async () => {
    const out = await settle(api.GET("/v1/reports", { params: { query: { limit: 30 } } }));
    if (out.ok) {
      setNext(out.data.next);
      setOlder([]);
    }
    return out;
  });
  async function more() {
    const out = await settle(api.GET("/v1/reports", { params: { query: { limit: 30, cursor: next } } }));
    if (!out.ok) return;
    setOlder([...older, ...out.data.reports]);
    setNext(out.data.next);
  }
  return (
    <>
      <h1>{t("mine.title")}</h1>
      <a class="button main" href="/gui-phan-anh/">
        {t("start.send")}
      </a>
      <Kept sent={first.again} />
      <Show of={first}>
        {(d) =>
          d.reports.length === 0 ? (
            <div class="notice">
              <p>{t("mine.empty")}</p>
            </div>
          ) : (
            <>
              <ul class="cards">
                {[...d.reports, ...older].map((r) => (
                  <Row of={r} key={r.id} />
                ))}
              </ul>
              {next ? (
                <button type="button" class="button" onClick={more}>
                  {t("more")}
                </button>
              ) : null}
            </>
          )
        }
      </Show>
    </>
  );
}

void start({ title: "mine.title", areas: [reportingWords, followingWords], only: "reporter" }, Mine);
