// Check answers, and what became of the report once it was sent.
import type { Schemas } from "../api/problem";
import { expired } from "../api/problem";
import { t } from "../i18n";
import { dateTime, fromInput } from "../time";
import type { Draft } from "../draft/store";
import { Rows } from "../ui/state";
import { problemText } from "../ui/form";
import { Expired } from "../ui/load";
import { Near } from "./near";
import type { Photos } from "./photos";
import type { Step } from "./steps";

export function Check({ draft, photos, go }: { draft: Draft; photos: Photos; go: (s: Step) => void }) {
  const change = (step: Step, what: string) => (
    <button type="button" class="link" onClick={() => go(step)}>
      {t("change")}
      <span class="unseen"> {what}</span>
    </button>
  );
  const place = [draft.address, draft.communeName, draft.point ? `${draft.point.lat}, ${draft.point.lon}` : ""].filter(Boolean).join("\n");
  return (
    <>
      <Rows
        rows={[
          [t("send.photos"), photos.shown.length > 0 ? t("send.photoCount", { n: photos.shown.length }) : t("send.none"), change("photos", t("send.photos"))],
          [t("own.place"), place, change("place", t("own.place"))],
          [t("send.category"), draft.categoryName, change("what", t("send.category"))],
          [t("send.text"), draft.text, change("what", t("send.text"))],
          [t("send.occurred"), draft.occurred ? dateTime(fromInput(draft.occurred)) : "", change("what", t("send.occurred"))],
          [t("own.publicity"), t(draft.publicity === "hidden" ? "send.hidden" : "send.nameShown"), change("choices", t("own.publicity"))],
          [t("send.notice"), t("send.noticeEmail"), change("choices", t("send.notice"))],
        ]}
      />
      {photos.shown.length > 0 ? (
        <ul class="photos">
          {photos.shown.map((s, i) => (
            <li key={s.photo.id}>
              <img src={s.address} alt={t("send.photoName", { n: i + 1 })} />
            </li>
          ))}
        </ul>
      ) : null}
      {draft.point ? <Near point={draft.point} category={draft.category} /> : null}
      <p>{t("send.declare")}</p>
    </>
  );
}

export function Confirmed({ acted }: { acted: Schemas["Acted"] }) {
  const due = acted.act.clocks.find((c) => c.name === "screening")?.due;
  return (
    <>
      <div class="confirm" role="status">
        <h1 tabIndex={-1}>{t("send.done")}</h1>
        <p>
          {t("send.doneCode")}
          <span class="code">{acted.report.id}</span>
        </p>
      </div>
      <p>{t("send.doneText", { when: dateTime(due) })}</p>
      <a class="button main" href={`/phan-anh/?ma=${encodeURIComponent(acted.report.id)}`}>
        {t("send.doneNext")}
      </a>
      <a class="button" href="/gui-phan-anh/">
        {t("send.another")}
      </a>
    </>
  );
}

/** A report that could not go out yet: it is safe, and goes by itself. */
export function Waiting({ draft, again }: { draft: Draft; again: () => void }) {
  if (draft.problem && expired(draft.problem)) return <Expired />;
  return (
    <div class="notice warn" role="status">
      <h2>{t("send.waiting")}</h2>
      {draft.problem && draft.problem.code !== "offline" ? <p>{problemText(draft.problem)}</p> : null}
      <p>{t("send.waitingText")}</p>
      <button type="button" class="button" onClick={again}>
        {t("retry")}
      </button>
    </div>
  );
}
