// The screener's acts: accept, refuse with reason and standard text, ask for more.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { readCode } from "../code";
import { code, say, t } from "../i18n";
import { AreaField, SelectField, TextField, type Errors } from "../ui/form";
import { length } from "../vietnamese";
import { Act, useAct, type ActProps } from "./act";

/** The refusal codes of the contract, in the regulation's order. */
export const refusals = ["9.1", "9.1.a", "9.1.b", "9.1.c", "9.2", "9.3", "outside_province", "duplicate"];

function Accept(p: ActProps) {
  const [note, setNote] = useState("");
  const body = note.trim() ? { note: note.trim() } : {};
  const { busy, errors, run } = useAct(p, p.d.etag, body);
  const submit = () => run((header) => api.POST("/v1/reports/{report}/acceptance", { params: { path: { report: p.d.id }, header }, body }));
  return (
    <Act title={t("act.accept")} open errors={errors} busy={busy} submit={submit} button={t("act.accept")}>
      <TextField name="note" label={t("act.acceptNote")} optional error={errors["note"]} value={note} onValue={setNote} input={{ maxLength: 1000 }} />
    </Act>
  );
}

function Refuse(p: ActProps) {
  const [chosen, setChosen] = useState("");
  const [reason, setReason] = useState("");
  const [related, setRelated] = useState("");
  const duplicate = chosen === "duplicate";
  const body = { code: chosen, reason: reason.trim(), ...(duplicate ? { related: readCode(related) || related.trim() } : {}) };
  const { busy, errors, setErrors, run } = useAct(p, p.d.etag, body);
  function submit() {
    const wrong: Errors = {};
    if (!chosen) wrong["code"] = t("field.choose", { field: t("act.refuseCode") });
    if (length(reason) < 5) wrong["refuse-reason"] = t("field.short", { field: t("act.refuseReason"), n: 5 });
    if (duplicate && !readCode(related)) wrong["related"] = t("track.wrong");
    if (Object.keys(wrong).length > 0) return setErrors(wrong);
    void run((header) => api.POST("/v1/reports/{report}/refusal", { params: { path: { report: p.d.id }, header }, body }));
  }
  return (
    <Act title={t("act.refuse")} errors={errors} busy={busy} submit={submit} button={t("act.refuse")} kind="danger">
      <SelectField name="code" label={t("act.refuseCode")} error={errors["code"]} value={chosen} empty="" options={refusals.map((c) => [c, code("refusal", c)])} onValue={setChosen} />
      {duplicate ? <TextField name="related" label={t("act.related")} error={errors["related"]} value={related} onValue={setRelated} input={{ maxLength: 40 }} /> : null}
      <AreaField name="refuse-reason" label={t("act.refuseReason")} hint={t("act.refuseReasonHint")} error={errors["refuse-reason"] ?? errors["reason"]} value={reason} onValue={setReason} max={2000} />
      {chosen ? (
        <button type="button" class="link" onClick={() => setReason(say(`refusalText.${chosen}`))}>
          {t("act.standard")}
        </button>
      ) : null}
      <br />
    </Act>
  );
}

function Ask(p: ActProps) {
  const [text, setText] = useState("");
  const body = { text: text.trim() };
  const { busy, errors, setErrors, run } = useAct(p, p.d.etag, body);
  function submit() {
    if (length(text) < 5) return setErrors({ "ask-text": t("field.short", { field: t("act.askText"), n: 5 }) });
    void run((header) => api.POST("/v1/reports/{report}/supplement-request", { params: { path: { report: p.d.id }, header }, body }));
  }
  return (
    <Act title={t("act.ask")} errors={errors} busy={busy} submit={submit} button={t("act.ask")}>
      <AreaField name="ask-text" label={t("act.askText")} error={errors["ask-text"] ?? errors["text"]} value={text} onValue={setText} max={2000} />
    </Act>
  );
}

export function Screening(p: ActProps) {
  return (
    <>
      <Accept {...p} />
      <Refuse {...p} />
      <Ask {...p} />
    </>
  );
}
