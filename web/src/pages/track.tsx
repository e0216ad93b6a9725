// What a tracking code shows to anybody: category, commune, state and time limits.
import { api, settle, type Schemas } from "../api/client";
import { readCode } from "../code";
import { t } from "../i18n";
import { openWords } from "../i18n/open";
import { dateTime } from "../time";
import { Show, useLoad } from "../ui/load";
import { start } from "../ui/shell";
import { Clocks, Rows, Tag } from "../ui/state";
import { TrackForm } from "../ui/track-form";

/** The code stands in the query, or in the path where the host maps paths here. */
function asked(): string {
  const inQuery = new URLSearchParams(location.search).get("ma");
  const inPath = /^\/tra-cuu\/([^/]+)/.exec(location.pathname)?.[1];
  return inQuery ?? (inPath ? decodeURIComponent(inPath) : "");
}

function Found({ of }: { of: Schemas["TrackOutputBody"] }) {
  return (
    <>
      <Rows
        rows={[
          [t("track.code"), <strong>{of.report}</strong>],
          [t("track.state"), <Tag state={of.state} />],
          [t("track.category"), of.categoryName ?? of.category],
          [t("track.commune"), of.communeName ?? of.commune],
          [t("track.submitted"), dateTime(of.submittedAt)],
        ]}
      />
      {of.published ? (
        <p>
          <a class="button main" href={`/cong-khai/phan-anh/?ma=${encodeURIComponent(of.report)}`}>
            {t("track.result")}
          </a>
        </p>
      ) : null}
      <h2>{t("track.clocks")}</h2>
      <Clocks clocks={of.clocks} />
      {of.parts.length > 0 ? <h2>{t("track.parts")}</h2> : null}
      {of.parts.map((p) => (
        <section key={p.assignment}>
          <h3>
            {p.agencyName} <Tag of="part" state={p.state} />
          </h3>
          <Clocks clocks={p.clocks} />
        </section>
      ))}
    </>
  );
}

function Track() {
  const typed = asked();
  const code = readCode(typed);
  return (
    <>
      <h1>{t("track.title")}</h1>
      {code ? <Looked code={code} /> : typed ? <p class="error">{t("track.wrong")}</p> : null}
      <TrackForm value={code ? "" : typed} />
      <p class="hint">{t("track.privacy")}</p>
    </>
  );
}

function Looked({ code }: { code: string }) {
  const found = useLoad(() => settle(api.GET("/v1/tracking/{code}", { params: { path: { code } } })), [code]);
  if (found.problem?.status === 404) {
    return (
      <div class="notice" role="alert">
        <p>{t("track.none", { code })}</p>
      </div>
    );
  }
  return <Show of={found}>{(d) => <Found of={d} />}</Show>;
}

void start({ title: "track.title", areas: [openWords] }, Track);
