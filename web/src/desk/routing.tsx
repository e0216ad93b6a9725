// The router's acts: transfer to one or several agencies, or answer after a return.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { t } from "../i18n";
import { AreaField, TextField, type Errors } from "../ui/form";
import { length } from "../vietnamese";
import { Act, useAct, type ActProps, type Detail } from "./act";

interface Target {
  agency: string;
  days: string;
  basis: string;
}

/** Agencies that this browser has seen by code: suggestions, never a limit. */
const place = "paht.agencies";

function seen(d: Detail): Record<string, string> {
  let known: Record<string, string> = {};
  try {
    known = JSON.parse(localStorage.getItem(place) ?? "{}") as Record<string, string>;
  } catch {
    // nothing is suggested
  }
  for (const a of d.assignments) known[a.agency] = a.agencyName ?? a.agency;
  if (d.proposal && !known[d.proposal.agency]) known[d.proposal.agency] = d.proposal.agency;
  try {
    localStorage.setItem(place, JSON.stringify(known));
  } catch {
    // nothing is kept
  }
  return known;
}

function Row({ i, target, set, remove, errors }: { i: number; target: Target; set: (p: Partial<Target>) => void; remove: (() => void) | null; errors: Errors }) {
  const at = (field: string) => `targets[${i}].${field}`;
  return (
    <fieldset class="target">
      <legend>{t("act.agency", { n: i + 1 })}</legend>
      <TextField name={at("agency")} label={t("act.agency", { n: i + 1 })} hint={t("act.agencyHint")} error={errors[at("agency")]} value={target.agency} onValue={(agency) => set({ agency: agency.toUpperCase() })} input={{ list: "agencies", maxLength: 40, autocomplete: "off", spellcheck: false }} />
      <TextField name={at("days")} label={t("act.days")} hint={t("act.daysHint")} optional error={errors[at("days")]} value={target.days} onValue={(days) => set({ days })} input={{ inputMode: "numeric", maxLength: 3 }} />
      <TextField name={at("legalBasis")} label={t("act.basis")} optional error={errors[at("legalBasis")]} value={target.basis} onValue={(basis) => set({ basis })} input={{ maxLength: 500 }} />
      {remove ? (
        <button type="button" class="link" onClick={remove}>
          {t("act.removeAgency", { n: i + 1 })}
        </button>
      ) : null}
    </fieldset>
  );
}

function Transfer(p: ActProps) {
  const proposed = p.d.proposal;
  const [targets, setTargets] = useState<Target[]>([{ agency: proposed?.agency ?? "", days: proposed ? String(proposed.days) : "", basis: "" }]);
  const [note, setNote] = useState("");
  const body = {
    targets: targets.map((x) => ({
      agency: x.agency.trim(),
      ...(x.days.trim() ? { days: Number(x.days) } : {}),
      ...(x.basis.trim() ? { legalBasis: x.basis.trim() } : {}),
    })),
    ...(note.trim() ? { note: note.trim() } : {}),
  };
  const { busy, errors, setErrors, run } = useAct(p, p.d.etag, body);
  function submit() {
    const wrong: Errors = {};
    targets.forEach((x, i) => {
      if (!x.agency.trim()) wrong[`targets[${i}].agency`] = t("field.required", { field: t("act.agency", { n: i + 1 }) });
      if (x.days.trim() && !/^[1-9][0-9]{0,2}$/.test(x.days.trim())) wrong[`targets[${i}].days`] = t("field.required", { field: t("act.days") });
    });
    if (Object.keys(wrong).length > 0) return setErrors(wrong);
    void run((header) => api.POST("/v1/reports/{report}/transfer", { params: { path: { report: p.d.id }, header }, body }));
  }
  const change = (i: number, part: Partial<Target>) => setTargets(targets.map((x, k) => (k === i ? { ...x, ...part } : x)));
  return (
    <Act title={t("act.transfer")} open errors={errors} busy={busy} submit={submit} button={t("act.transfer")}>
      <datalist id="agencies">
        {Object.entries(seen(p.d)).map(([c, name]) => (
          <option value={c} key={c}>
            {name}
          </option>
        ))}
      </datalist>
      {targets.map((x, i) => (
        <Row key={i} i={i} target={x} set={(part) => change(i, part)} remove={targets.length > 1 ? () => setTargets(targets.filter((_, k) => k !== i)) : null} errors={errors} />
      ))}
      <button type="button" class="link" onClick={() => setTargets([...targets, { agency: "", days: "", basis: "" }])}>
        {t("act.addAgency")}
      </button>
      <AreaField name="note" label={t("act.note")} optional error={errors["note"]} value={note} onValue={setNote} rows={3} max={2000} />
    </Act>
  );
}

function Answer(p: ActProps) {
  const [text, setText] = useState("");
  const [related, setRelated] = useState("");
  const body = { text: text.trim(), ...(related.trim() ? { related: related.trim() } : {}) };
  const { busy, errors, setErrors, run } = useAct(p, p.d.etag, body);
  function submit() {
    if (length(text) < 5) return setErrors({ "answer-text": t("field.short", { field: t("act.answerText"), n: 5 }) });
    void run((header) => api.POST("/v1/reports/{report}/answer", { params: { path: { report: p.d.id }, header }, body }));
  }
  return (
    <Act title={t("act.answer")} errors={errors} busy={busy} submit={submit} button={t("act.answer")}>
      <AreaField name="answer-text" label={t("act.answerText")} error={errors["answer-text"] ?? errors["text"]} value={text} onValue={setText} max={4000} />
      <TextField name="answer-related" label={t("act.answerRelated")} optional error={errors["related"]} value={related} onValue={setRelated} input={{ maxLength: 200 }} />
    </Act>
  );
}

export function Routing(p: ActProps) {
  return (
    <>
      <Transfer {...p} />
      {p.d.assignments.length > 0 ? <Answer {...p} /> : null}
    </>
  );
}
