// One published report with the parts that answer it.
import { useEffect } from "preact/hooks";
import { api, settle, type Schemas } from "../api/client";
import { readCode } from "../code";
import { code, t } from "../i18n";
import { openWords } from "../i18n/open";
import { dateTime } from "../time";
import { Show, useLoad } from "../ui/load";
import { start } from "../ui/shell";
import { Rows } from "../ui/state";

function Part({ p, first }: { p: Schemas["PublishedPart"]; first: boolean }) {
  return (
    <article>
      {first ? (
        <>
          <h1>{p.title}</h1>
          <h2>{t("published.report")}</h2>
          <p class="prose">{p.content}</p>
          {p.name ? <p>{t("published.reporter", { name: p.name })}</p> : null}
          <ul class="photos">
            {(p.pictures ?? []).map((address, i) => (
              <li key={address}>
                <a href={address}>
                  <img src={address} alt={t("published.picture", { n: i + 1 })} loading="lazy" />
                </a>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <h2>{t("published.by", { agency: p.agencyName })}</h2>
      <h3>{t("published.answer")}</h3>
      <p class="prose">{p.answer}</p>
      {p.document ? (
        <p>
          <a class="button" href={p.document} target="_blank" rel="noreferrer">
            {t("published.document")}
          </a>
        </p>
      ) : null}
      <Rows
        rows={[
          [t("track.code"), p.report],
          [t("track.category"), p.categoryName ?? p.category],
          [t("track.commune"), p.communeName ?? p.commune],
          [t("track.submitted"), dateTime(p.submittedAt)],
          [t("published.at", { when: "" }).trim(), <>{dateTime(p.publishedAt)} <strong class={p.onTime ? "tag good" : "tag bad"}>{t(p.onTime ? "published.onTime" : "published.late")}</strong></>],
          [t("published.rating"), p.rating ? code("rating", String(p.rating)) : ""],
          [t("published.revision", { n: "" }).trim(), p.revision > 1 ? String(p.revision - 1) : ""],
        ]}
      />
    </article>
  );
}

function Item() {
  const report = readCode(new URLSearchParams(location.search).get("ma") ?? "");
  const item = useLoad(() => settle(api.GET("/v1/published/{report}", { params: { path: { report } } })), [report]);
  const title = item.data?.parts[0]?.title;
  useEffect(() => {
    if (title) document.title = `${title} – ${t("service")}`;
  }, [title]);
  return (
    <>
      <p>
        <a href="/cong-khai/">{t("published.back")}</a>
      </p>
      {title ? null : <h1>{t("published.title")}</h1>}
      <Show of={item}>
        {(d) => (
          <>
            {d.parts.map((p, i) => (
              <Part p={p} first={i === 0} key={p.assignment} />
            ))}
          </>
        )}
      </Show>
    </>
  );
}

void start({ title: "published.title", areas: [openWords] }, Item);
