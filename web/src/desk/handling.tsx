// The agency's acts on its own part: receipt, progress, return, the signed result.
import { useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { code, t } from "../i18n";
import { AreaField, SelectField, TextField, type Errors } from "../ui/form";
import { length } from "../vietnamese";
import { Act, useAct, type ActProps } from "./act";
import { Conclude } from "./result";

export type PartProps = ActProps & { a: Schemas["Assignment"] };

function Receive(p: PartProps) {
  const { busy, errors, run } = useAct(p, p.a.etag, "receipt");
  const path = { report: p.d.id, assignment: p.a.id };
  const submit = () => run((header) => api.POST("/v1/reports/{report}/assignments/{assignment}/receipt", { params: { path, header } }));
  return <Act title={t("act.receive")} open errors={errors} busy={busy} submit={submit} button={t("act.receive")} />;
}

function Progress(p: PartProps) {
  const [text, setText] = useState("");
  const body = { text: text.trim() };
  const { busy, errors, setErrors, run } = useAct(p, p.a.etag, body);
  const path = { report: p.d.id, assignment: p.a.id };
  function submit() {
    if (length(text) < 5) return setErrors({ "progress-text": t("field.short", { field: t("act.progressText"), n: 5 }) });
    void run((header) => api.POST("/v1/reports/{report}/assignments/{assignment}/progress", { params: { path, header }, body }));
  }
  return (
    <Act title={t("act.progress")} errors={errors} busy={busy} submit={submit} button={t("act.progress")}>
      <AreaField name="progress-text" label={t("act.progressText")} error={errors["progress-text"] ?? errors["text"]} value={text} onValue={setText} max={2000} />
    </Act>
  );
}

type ReturnCode = Schemas["ReturnInputBody"]["code"];
const reasons: ReturnCode[] = ["not_competent", "already_handled"];

function Return(p: PartProps) {
  const [chosen, setChosen] = useState<ReturnCode | "">("");
  const [reason, setReason] = useState("");
  const [related, setRelated] = useState("");
  const body = { code: (chosen || "not_competent") as ReturnCode, reason: reason.trim(), ...(chosen === "already_handled" ? { related: related.trim() } : {}) };
  const { busy, errors, setErrors, run } = useAct(p, p.a.etag, body);
  const path = { report: p.d.id, assignment: p.a.id };
  function submit() {
    const wrong: Errors = {};
    if (!chosen) wrong["return-code"] = t("field.choose", { field: t("act.returnCode") });
    if (length(reason) < 5) wrong["return-reason"] = t("field.short", { field: t("act.returnReason"), n: 5 });
    if (chosen === "already_handled" && !related.trim()) wrong["return-related"] = t("field.required", { field: t("act.returnRelated") });
    if (Object.keys(wrong).length > 0) return setErrors(wrong);
    void run((header) => api.POST("/v1/reports/{report}/assignments/{assignment}/return", { params: { path, header }, body }));
  }
  return (
    <Act title={t("act.return")} errors={errors} busy={busy} submit={submit} button={t("act.return")} kind="danger">
      <SelectField name="return-code" label={t("act.returnCode")} error={errors["return-code"]} value={chosen} empty="" options={reasons.map((c) => [c, code("return", c)])} onValue={(v) => setChosen(v as ReturnCode | "")} />
      {chosen === "already_handled" ? <TextField name="return-related" label={t("act.returnRelated")} error={errors["return-related"] ?? errors["related"]} value={related} onValue={setRelated} input={{ maxLength: 200 }} /> : null}
      <AreaField name="return-reason" label={t("act.returnReason")} error={errors["return-reason"] ?? errors["reason"]} value={reason} onValue={setReason} max={2000} />
    </Act>
  );
}

export function Handling(p: PartProps) {
  return (
    <>
      {p.a.state === "transferred" ? <Receive {...p} /> : null}
      {p.a.state === "received" ? (
        <>
          <Progress {...p} />
          <Conclude {...p} />
        </>
      ) : null}
      <Return {...p} />
    </>
  );
}
