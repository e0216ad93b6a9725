// The signed result: straight to the object store, then the command that names it; a
// file that is not taken says which rule is broken.
import { useMemo, useState } from "preact/hooks";
import { api, newKey, settle, type Problem, type Schemas } from "../api/client";
import { code, t } from "../i18n";
import { digest, fill } from "../draft/upload";
import { fromInput, toInput } from "../time";
import { AreaField, Field, TextField, problemText, type Errors } from "../ui/form";
import { length } from "../vietnamese";
import { Act, useAct } from "./act";
import type { PartProps } from "./handling";

const most = 20 * 1024 * 1024;

async function isPdf(file: Blob): Promise<boolean> {
  return (await file.slice(0, 1024).text()).includes("%PDF-");
}

/** The last signing time that a PDF's signature dictionaries declare (ISO 32000-1, 7.9.4), or "". */
export function signingTime(text: string): string {
  const found = [...text.matchAll(/\/M\s*\(D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-])(\d\d)'?(\d\d)?'?)?/g)].pop();
  if (!found) return "";
  const [, year, month, day, hour, minute, second, sign, hours, minutes] = found;
  const offset = sign ? `${sign}${hours}:${minutes ?? "00"}` : "Z";
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(at.getTime()) ? "" : toInput(at);
}

/** The broken rules of a refusal, by their words. */
export function brokenRules(p: Problem | undefined): string[] {
  return (p?.errors ?? []).filter((e) => e.code === "result_refused").flatMap((e) => e.facts ?? []);
}

export function Conclude(p: PartProps) {
  const [file, setFile] = useState<File | null>(null);
  const [part, setPart] = useState<number | null>(null);
  const [at, setAt] = useState(toInput(new Date()));
  const [summary, setSummary] = useState("");
  const [broken, setBroken] = useState<string[]>([]);
  const form = useMemo(() => ({}), []);
  const { busy, errors, setErrors, send } = useAct(p, p.a.etag, form);
  const path = { report: p.d.id, assignment: p.a.id };

  // The result exists at the latest when it was signed: the form starts from there.
  async function choose(chosen: File | null) {
    setFile(chosen);
    if (!chosen || chosen.size > most) return;
    const signed = signingTime(new TextDecoder("latin1").decode(await chosen.arrayBuffer()));
    if (signed) setAt(signed);
  }
  async function check(): Promise<Errors> {
    const wrong: Errors = {};
    if (!file) wrong["upload"] = t("act.fileMissing");
    else if (file.size > most) wrong["upload"] = t("act.fileTooLarge");
    else if (!(await isPdf(file))) wrong["upload"] = t("act.fileNotPdf");
    if (!at) wrong["resultAt"] = t("field.required", { field: t("act.resultAt") });
    if (length(summary) < 5) wrong["summary"] = t("field.short", { field: t("act.summary"), n: 5 });
    return wrong;
  }

  async function slot(of: File) {
    const body = { size: of.size, sha256: await digest(of) };
    return settle(api.POST("/v1/reports/{report}/assignments/{assignment}/result-upload", { params: { path, header: { "Idempotency-Key": newKey() } }, body }));
  }
  async function conclude(upload: string) {
    const header = { "Idempotency-Key": newKey(), "If-Match": p.a.etag };
    const body: Schemas["ConcludeInputBody"] = { upload, resultAt: fromInput(at), summary: summary.trim() };
    return settle(api.POST("/v1/reports/{report}/assignments/{assignment}/result", { params: { path, header }, body }));
  }

  async function submit() {
    const wrong = await check();
    setBroken([]);
    if (Object.keys(wrong).length > 0) return setErrors(wrong);
    const out = await send<Schemas["Acted"]>(async () => {
      const opened = await slot(file!);
      if (!opened.ok) return opened;
      setPart(0);
      const failed = await fill(opened.data, file!, setPart);
      setPart(null);
      if (failed) return { ok: false, problem: failed };
      return conclude(opened.data.id);
    });
    if (out?.ok) return p.done(out.data);
    if (!out) return;
    setBroken(brokenRules(out.problem));
    if (out.problem.status === 412) p.stale();
    if (!out.problem.errors) setErrors({ upload: problemText(out.problem) });
  }

  return (
    <Act title={t("act.conclude")} open errors={errors} busy={busy} submit={() => void submit()} button={t("act.conclude")}>
      {broken.length > 0 ? (
        <div class="notice danger" role="alert">
          <h3>{t("act.verdictBad")}</h3>
          <ul>
            {broken.map((rule) => (
              <li key={rule}>{t("act.ruleBroken", { rule: code("rule", rule) })}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <Field name="upload" label={t("act.file")} hint={t("act.fileHint")} error={errors["upload"]}>
        {(a) => <input class="text" type="file" accept="application/pdf" {...a} onChange={(e) => void choose(e.currentTarget.files?.[0] ?? null)} />}
      </Field>
      <div role="status">
        {part !== null ? (
          <>
            <p>{t("act.uploading", { n: Math.round(part * 100) })}</p>
            <progress value={part} max={1} aria-label={t("act.file")} />
          </>
        ) : null}
      </div>
      <TextField name="resultAt" label={t("act.resultAt")} hint={t("act.resultAtHint")} error={errors["resultAt"]} value={at} onValue={setAt} input={{ type: "datetime-local", step: 1 }} />
      <AreaField name="summary" label={t("act.summary")} error={errors["summary"]} value={summary} onValue={setSummary} max={4000} />
    </Act>
  );
}
