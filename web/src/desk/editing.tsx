// Editing side by side with the original; a picture is released only when it was
// looked at for faces and plates (reading A13).
import { useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { t } from "../i18n";
import { AreaField, ErrorSummary, TextField, type Errors } from "../ui/form";
import { Verdict } from "../ui/verdict";
import { length } from "../vietnamese";
import { useAct } from "./act";
import type { PartProps } from "./handling";

type Draft = Schemas["Draft"];
type Medium = Schemas["Medium"];

function Pictures({ media, chosen, set, errors }: { media: Medium[]; chosen: Draft["media"]; set: (m: Draft["media"]) => void; errors: Errors }) {
  const clean = media.filter((m) => m.state === "accepted");
  if (clean.length === 0) return null;
  return (
    <fieldset class="field">
      <legend>{t("act.pictures")}</legend>
      <ul class="photos">
        {clean.map((m, i) => {
          const at = chosen.findIndex((c) => c.upload === m.upload);
          const used = chosen[at];
          return (
            <li key={m.upload}>
              <img src={m.small ?? m.url} alt={t("send.photoName", { n: i + 1 })} />
              <label class="choice">
                <input type="checkbox" checked={!!used} onChange={(e) => set(e.currentTarget.checked ? [...chosen, { upload: m.upload, checked: false }] : chosen.filter((c) => c.upload !== m.upload))} />
                <span>{t("act.pictureUse", { n: i + 1 })}</span>
              </label>
              {used ? (
                <label class="choice" id={`media[${at}].checked`}>
                  <input type="checkbox" checked={used.checked} onChange={(e) => set(chosen.map((c) => (c.upload === m.upload ? { ...c, checked: e.currentTarget.checked } : c)))} />
                  <span>{t("act.pictureChecked", { n: i + 1 })}</span>
                </label>
              ) : null}
              {errors[`media[${at}].checked`] ? <p class="error">{errors[`media[${at}].checked`]}</p> : null}
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}

function Preview({ v, media }: { v: Draft; media: Medium[] }) {
  return (
    <section class="card" aria-label={t("act.preview")}>
      <h3>{v.title}</h3>
      <p class="prose">{v.content}</p>
      <ul class="photos">
        {v.media.map((c, i) => (
          <li key={c.upload}>
            <img src={media.find((m) => m.upload === c.upload)?.small} alt={t("send.photoName", { n: i + 1 })} />
          </li>
        ))}
      </ul>
      <h3>{t("published.answer")}</h3>
      <p class="prose">{v.answer}</p>
    </section>
  );
}

export function Editing(p: PartProps & { draft: Draft | undefined }) {
  const [v, setAll] = useState<Draft>(
    p.draft ?? { assignment: p.a.id, title: "", content: p.d.text, answer: p.a.result?.summary ?? "", media: [], document: true },
  );
  const [step, setStep] = useState<"edit" | "preview">("edit");
  const { assignment: _, ...body } = v;
  const save = useAct(p, p.a.etag, { save: body });
  const release = useAct(p, p.a.etag, { release: body });
  const errors = { ...save.errors, ...release.errors };
  const set = (part: Partial<Draft>) => setAll({ ...v, ...part });
  const path = { report: p.d.id, assignment: p.a.id };
  const sent = body as Draft; // the assignment is the server's to say

  function check(): boolean {
    const wrong: Errors = {};
    if (length(v.title) < 3) wrong["title"] = t("field.short", { field: t("act.draftTitle"), n: 3 });
    if (!v.content.trim()) wrong["content"] = t("field.required", { field: t("act.draftContent") });
    if (!v.answer.trim()) wrong["answer"] = t("field.required", { field: t("act.draftAnswer") });
    save.setErrors(wrong);
    release.setErrors({});
    return Object.keys(wrong).length === 0;
  }
  const put = () => save.run((header) => api.PUT("/v1/reports/{report}/assignments/{assignment}/draft", { params: { path, header }, body: sent }));
  const post = () => release.run((header) => api.POST("/v1/reports/{report}/assignments/{assignment}/publication", { params: { path, header }, body: sent }));

  return (
    <section>
      <h3>{t("act.edit")}</h3>
      <ErrorSummary errors={errors} />
      <Verdict verdict={p.a.result?.verdict} />
      {step === "preview" ? (
        <>
          <Preview v={v} media={p.d.media} />
          <p class="hint">{t("act.releaseHint")}</p>
          <button type="button" class="button main" aria-disabled={release.busy ? "true" : undefined} onClick={() => void post()}>
            {release.busy ? t("sending") : t("act.releaseNow")}
          </button>
          <button type="button" class="button" onClick={() => setStep("edit")}>
            {t("back")}
          </button>
        </>
      ) : (
        <form
          noValidate
          onSubmit={(e) => {
            e.preventDefault();
            if (check()) setStep("preview");
          }}
        >
          <TextField name="title" label={t("act.draftTitle")} error={errors["title"]} value={v.title} onValue={(title) => set({ title })} input={{ maxLength: 200 }} />
          <div class="sides">
            <div class="original">
              <h4>{t("act.original")}</h4>
              <p class="prose">{p.d.text}</p>
            </div>
            <AreaField name="content" label={t("act.draftContent")} error={errors["content"]} rows={8} value={v.content} onValue={(content) => set({ content })} max={4000} />
          </div>
          <div class="sides">
            <div class="original">
              <h4>{t("act.originalSummary")}</h4>
              <p class="prose">{p.a.result?.summary}</p>
            </div>
            <AreaField name="answer" label={t("act.draftAnswer")} error={errors["answer"]} rows={8} value={v.answer} onValue={(answer) => set({ answer })} max={8000} />
          </div>
          <Pictures media={p.d.media} chosen={v.media} set={(media) => set({ media })} errors={errors} />
          <label class="choice">
            <input type="checkbox" checked={v.document} onChange={(e) => set({ document: e.currentTarget.checked })} />
            <span>
              {t("act.document")}
              <span class="hint">{t("act.documentHint")}</span>
            </span>
          </label>
          <button class="button main" type="submit">
            {t("act.preview")}
          </button>
          <button type="button" class="button" aria-disabled={save.busy ? "true" : undefined} onClick={() => (check() ? void put() : undefined)}>
            {save.busy ? t("sending") : t("act.save")}
          </button>
        </form>
      )}
    </section>
  );
}
