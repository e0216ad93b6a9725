// What waits on this device: drafts and reports in the outbox.
import { t } from "../i18n";
import { removeDraft, type Draft } from "../draft/store";
import { dateTime } from "../time";

export function Drafts({ drafts, changed }: { drafts: Draft[]; changed: () => void }) {
  return (
    <ul class="cards">
      {drafts.map((d) => (
        <li class="card" key={d.id}>
          <h3>{d.text ? d.text.slice(0, 80) + (d.text.length > 80 ? "…" : "") : t("send.draftUntitled")}</h3>
          <p class="faint">
            {[d.categoryName, d.communeName, d.photos.length > 0 ? t("send.photoCount", { n: d.photos.length }) : ""].filter(Boolean).join(" · ")}
          </p>
          <p class="faint">{t("send.draftAt", { when: dateTime(new Date(d.changed).toISOString()) })}</p>
          {d.state === "waiting" ? (
            <p>
              <strong class="tag warn">{t("send.draftWaiting")}</strong>
            </p>
          ) : null}
          <a class="button small" href={`/gui-phan-anh/?nhap=${d.id}&buoc=${d.state === "open" ? "photos" : "check"}`}>
            {t("send.draftOpen")}
          </a>
          {d.state === "waiting" ? null : (
            <button type="button" class="button small danger" onClick={() => void removeDraft(d.id).then(changed)}>
              {t("send.draftRemove")}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
