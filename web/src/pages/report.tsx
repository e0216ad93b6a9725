// A report on an officer's desk: what it says, where it stands, and what can be done
// with it now, by the rights of who looks.
import "../style/desk.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, settle, type Schemas } from "../api/client";
import { may, who } from "../api/session";
import { readCode } from "../code";
import type { Acted, Detail } from "../desk/act";
import { Contact } from "../desk/contact";
import { Editing } from "../desk/editing";
import { Handling } from "../desk/handling";
import { Hints } from "../desk/hints";
import { PlaceMap } from "../desk/place-map";
import { Routing } from "../desk/routing";
import { Screening } from "../desk/screening";
import { Slip } from "../desk/slip";
import { code, t } from "../i18n";
import { accountWords } from "../i18n/account";
import { openWords } from "../i18n/open";
import { deskWords } from "../i18n/desk";
import { followingWords } from "../i18n/following";
import { reportingWords } from "../i18n/reporting";
import { dateTime } from "../time";
import { useKeys } from "../ui/keyboard";
import { Show, useLoad } from "../ui/load";
import { NearList } from "../ui/near";
import { Media } from "../ui/media";
import { start } from "../ui/shell";
import { Clocks, Rows, Tag } from "../ui/state";
import { Timeline } from "../ui/timeline";
import { Verdict } from "../ui/verdict";

function back(): string {
  const q = new URLSearchParams(location.search);
  q.delete("ma");
  const rest = q.toString();
  return "/can-bo/" + (rest ? "?" + rest : "");
}

interface Props {
  d: Detail;
  done: (acted: Acted) => void;
  stale: () => void;
}

/** The acts that state and rights allow; none of the others has a button. */
function acts(p: Props): preact.ComponentChildren[] {
  const { d } = p;
  const found: preact.ComponentChildren[] = [];
  const agency = who()?.agency;
  if (may("report.screen") && (d.state === "submitted" || d.state === "screening")) found.push(<Screening {...p} key="screen" />);
  if (may("report.route") && (d.state === "accepted" || d.state === "routing")) found.push(<Routing {...p} key="route" />);
  for (const a of d.assignments) {
    const mine = a.agency === agency && (a.state === "transferred" || a.state === "received");
    if (may("part.handle") && mine) found.push(<Handling {...p} a={a} key={a.id} />);
    if (may("part.publish") && (a.state === "concluded" || a.state === "editing")) {
      const draft = d.drafts?.find((x) => x.assignment === a.id);
      // the machine's draft may come after the page: the form then starts from it
      found.push(<Editing {...p} a={a} draft={draft} key={a.id + (draft ? "-draft" : "")} />);
    }
  }
  return found;
}

const doers = ["report.screen", "report.route", "part.handle", "part.publish"];

function Acts(p: Props) {
  const found = acts(p);
  return (
    <section class="acts" aria-labelledby="acts-title">
      <h2 id="acts-title">{t("report.acts")}</h2>
      {found.length > 0 ? found : <p>{t(doers.some(may) ? "report.noActs" : "report.why.right")}</p>}
      {may("contact.show") ? <Contact report={p.d.id} /> : null}
    </section>
  );
}

function Parts({ d }: { d: Detail }) {
  if (d.assignments.length === 0) return null;
  return (
    <section>
      <h2>{t("report.parts")}</h2>
      {d.assignments.map((a) => (
        <div class="card" key={a.id}>
          <h3>
            {a.agencyName ?? a.agency} <Tag of="part" state={a.state} />
          </h3>
          <p class="faint">
            {t("report.basis")}: {a.legalBasis}
          </p>
          <Clocks clocks={a.clocks} />
          <Verdict verdict={a.result?.verdict} />
          {a.publication ? (
            <p>
              <a href={`/cong-khai/phan-anh/?ma=${encodeURIComponent(d.id)}`}>{t("own.item")}</a>
            </p>
          ) : null}
          {a.rating ? <p>{t("own.rated", { rating: code("rating", String(a.rating)) })}</p> : null}
        </div>
      ))}
    </section>
  );
}

function Facts({ d }: { d: Detail }) {
  return (
    <>
      <p>
        <Tag state={d.state} />
      </p>
      <h2>{t("report.text")}</h2>
      <p class="prose">{d.text}</p>
      {d.flags.length > 0 ? (
        <p>
          {t("report.flags")}:{" "}
          {d.flags.map((f) => (
            <strong class="tag warn" key={f}>
              {code("flag", f)}
            </strong>
          ))}
        </p>
      ) : null}
      <Hints d={d} />
      <NearList near={d.near ?? []} title={t("near.desk")} desk />
      <Media media={d.media} />
      <h2>{t("report.facts")}</h2>
      <Rows
        rows={[
          [t("own.category"), d.categoryName ?? d.category],
          [t("own.place"), [d.address, d.communeName ?? d.commune].filter(Boolean).join("\n")],
          [t("own.sent"), dateTime(d.submittedAt)],
          [t("own.occurred"), dateTime(d.occurredAt)],
          [t("report.channel"), code("channel", d.channel)],
          [t("own.publicity"), t(d.publicity === "name_shown" ? "yes" : "no")],
          [t("report.proposal"), d.proposal ? t("report.proposalText", { agency: d.proposal.agency, days: d.proposal.days }) : ""],
        ]}
      />
      {d.point ? <PlaceMap point={d.point} /> : null}
      <h2>{t("track.clocks")}</h2>
      <Clocks clocks={d.clocks} />
      <Parts d={d} />
    </>
  );
}

function Changed({ entries }: { entries: Schemas["Entry"][] }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [entries]);
  return (
    <div class="notice warn" role="alert" tabIndex={-1} ref={box}>
      <h2>{t("report.stale")}</h2>
      <p>{t("report.staleText")}</p>
      <Timeline entries={entries} />
    </div>
  );
}

function Report() {
  const report = readCode(new URLSearchParams(location.search).get("ma") ?? "");
  const found = useLoad(() => settle(api.GET("/v1/reports/{report}", { params: { path: { report } } })), [report]);
  const [acted, setActed] = useState<Acted | null>(null);
  const [turn, setTurn] = useState(0);
  const [seen, setSeen] = useState<number | null>(null);
  const message = useRef<HTMLDivElement>(null);
  useKeys({ u: () => location.assign(back()) });
  useEffect(() => {
    if (acted) message.current?.focus();
  }, [acted]);
  if (!report) return <h1>{t("notFound.title")}</h1>;

  const last = (d: Detail) => Math.max(0, ...d.history.map((e) => e.n));
  async function done(a: Acted) {
    await found.again();
    setSeen(null);
    setTurn(turn + 1);
    setActed(a);
  }
  async function stale() {
    if (found.data) setSeen(last(found.data));
    await found.again();
  }
  return (
    <>
      <p class="no-print">
        <a href={back()}>{t("report.back")}</a>
      </p>
      <h1>{t("report.title", { code: report })}</h1>
      {acted ? (
        <div class="notice good" role="status" tabIndex={-1} ref={message}>
          <p>
            {t("report.done", { what: code("event", acted.act.type) })} {acted.act.late ? t("report.late") : ""}
          </p>
        </div>
      ) : null}
      <Show of={found}>
        {(d) => (
          <>
            {seen !== null ? <Changed entries={d.history.filter((e) => e.n > seen)} /> : null}
            <div class="columns">
              <div>
                <Facts d={d} />
              </div>
              <div>
                <Acts d={d} done={done} stale={stale} key={turn} />
                {d.assignments.length > 0 ? (
                  <button type="button" class="button" onClick={() => print()}>
                    {t("report.print")}
                  </button>
                ) : null}
              </div>
            </div>
            <h2>{t("report.history")}</h2>
            <Timeline entries={d.history} mark={(e) => (e.officer ? <p class="faint">{t("report.officer", { id: e.officer })}</p> : null)} />
            <Slip d={d} />
          </>
        )}
      </Show>
    </>
  );
}

void start({ title: "track.code", areas: [reportingWords, followingWords, deskWords, openWords, accountWords], only: "officer", wide: true }, Report);
