// The start page: what the system is for, what to do in danger, and the ways on.
import { useEffect, useState } from "preact/hooks";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { openWords } from "../i18n/open";
import { date } from "../time";
import { Danger } from "../ui/danger";
import { start } from "../ui/shell";
import { TrackForm } from "../ui/track-form";

type Part = Schemas["PublishedPart"];

function Latest() {
  const [parts, setParts] = useState<Part[] | null>(null);
  useEffect(() => {
    void (async () => {
      const { api, settle } = await import("../api/client");
      const out = await settle(api.GET("/v1/published", { params: { query: { limit: 3 } } }));
      if (out.ok) setParts(out.data.parts);
    })();
  }, []);
  if (!parts) return <div class="latest" />;
  if (parts.length === 0) return <p class="latest">{t("start.none")}</p>;
  return (
    <div class="latest">
      <ul class="cards">
        {parts.map((p) => (
          <li class="card" key={p.report + p.assignment}>
            <h3>
              <a href={`/cong-khai/phan-anh/?ma=${encodeURIComponent(p.report)}`}>{p.title}</a>
            </h3>
            <p class="faint">
              {p.communeName ?? p.commune} · {date(p.publishedAt)}
            </p>
          </li>
        ))}
      </ul>
      <p>
        <a href="/cong-khai/">{t("start.all")}</a>
      </p>
    </div>
  );
}

function Start() {
  return (
    <>
      <h1>{t("start.title")}</h1>
      <p class="lead">{t("start.lead")}</p>
      <Danger />
      <p>
        <a class="button main" href="/gui-phan-anh/">
          {t("start.send")}
        </a>
      </p>
      <p class="hint">{t("start.needs")}</p>
      <h2>{t("start.track")}</h2>
      <TrackForm />
      <h2>{t("start.latest")}</h2>
      <Latest />
    </>
  );
}

void start({ title: "start.title", areas: [openWords] }, Start);
