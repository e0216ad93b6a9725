// The pieces of a form: a labelled field with hint and error, the error summary that
// takes the focus, and the state between a click and its answer.
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { code, known, say, t } from "../i18n";
import type { Outcome, Problem } from "../api/problem";

/** Errors by field name; "" holds those of the form as a whole. */
export type Errors = Record<string, string>;

/** What people are told of a problem as a whole. */
export function problemText(p: Problem): string {
  if (p.detail) return p.detail;
  return known(`problem.${p.code}`) ? code("problem", p.code) : say("problem.internal");
}

/** Sorts a problem's errors to fields: "body.targets[0].agency" is the field "targets[0].agency". */
export function errorsOf(p: Problem): Errors {
  const found: Errors = {};
  for (const e of p.errors ?? []) found[e.path.replace(/^(body|path|query|header)\./, "")] ??= e.detail;
  if (Object.keys(found).length === 0) found[""] = problemText(p);
  return found;
}

export function ErrorSummary({ errors, labels }: { errors: Errors; labels?: Record<string, string> }) {
  const box = useRef<HTMLDivElement>(null);
  const names = Object.keys(errors);
  useEffect(() => {
    if (names.length > 0) box.current?.focus();
  }, [errors]);
  if (names.length === 0) return null;
  return (
    <div class="summary" role="alert" tabIndex={-1} ref={box} aria-labelledby="summary-title">
      <h2 id="summary-title">{t("errors.title")}</h2>
      <ul>
        {names.map((name) => (
          <li key={name}>
            {document.getElementById(name) ? (
              <a href={`#${name}`} onClick={(e) => jump(e, name)}>
                {label(labels, name)}
                {errors[name]}
              </a>
            ) : (
              <>
                {label(labels, name)}
                {errors[name]}
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function label(labels: Record<string, string> | undefined, name: string): string {
  const l = labels?.[name];
  return l ? `${l}: ` : "";
}

function jump(e: Event, name: string) {
  e.preventDefault();
  const field = document.getElementById(name);
  const inner = field?.matches("fieldset") ? field.querySelector<HTMLElement>("input") : field;
  inner?.focus();
  field?.scrollIntoView({ block: "center" });
}

interface FieldProps {
  name: string;
  label: string;
  hint?: ComponentChildren;
  error?: string;
  optional?: boolean;
  children: (attributes: { id: string; name: string; "aria-describedby"?: string; "aria-invalid"?: "true" }) => ComponentChildren;
}

export function Field({ name, label, hint, error, optional, children }: FieldProps) {
  const described = [hint ? `${name}-hint` : "", error ? `${name}-error` : ""].filter(Boolean).join(" ");
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={name}>
        {label}
        {optional ? <span class="faint"> {t("optional")}</span> : null}
      </label>
      {hint ? (
        <div class="hint" id={`${name}-hint`}>
          {hint}
        </div>
      ) : null}
      {error ? (
        <p class="error" id={`${name}-error`}>
          <span class="unseen">{t("error")} </span>
          {error}
        </p>
      ) : null}
      {children({
        id: name,
        name,
        ...(described ? { "aria-describedby": described } : {}),
        ...(error ? { "aria-invalid": "true" as const } : {}),
      })}
    </div>
  );
}

type InputProps = Omit<FieldProps, "children"> & {
  value: string;
  onValue: (v: string) => void;
  input?: InputHTMLAttributes;
};

export function TextField({ value, onValue, input, ...field }: InputProps) {
  return (
    <Field {...field}>
      {(a) => <input class="text" type="text" {...(input as object)} {...a} value={value} onInput={(e) => onValue(e.currentTarget.value)} />}
    </Field>
  );
}

type AreaProps = Omit<FieldProps, "children"> & { value: string; onValue: (v: string) => void; rows?: number; max?: number };

export function AreaField({ value, onValue, rows = 4, max, ...field }: AreaProps) {
  return (
    <Field {...field}>
      {(a) => (
        <textarea class="text" {...a} rows={rows} maxLength={max} value={value} onInput={(e) => onValue(e.currentTarget.value)} />
      )}
    </Field>
  );
}

export function SelectField({
  value,
  onValue,
  options,
  empty,
  ...field
}: Omit<FieldProps, "children"> & { value: string; onValue: (v: string) => void; options: [string, string][]; empty?: string }) {
  return (
    <Field {...field}>
      {(a) => (
        <select class="text" {...a} value={value} onChange={(e) => onValue(e.currentTarget.value)}>
          {empty !== undefined ? <option value="">{empty}</option> : null}
          {options.map(([v, l]) => (
            <option key={v} value={v}>
              {l}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface Choice {
  value: string;
  label: string;
  hint?: string;
}

export function Choices(p: {
  name: string;
  legend: ComponentChildren;
  value: string;
  onValue: (v: string) => void;
  choices: Choice[];
  error?: string;
  hint?: string;
  inline?: boolean;
}) {
  return (
    <fieldset id={p.name} class={p.error ? "field wrong" : "field"} aria-describedby={p.error ? `${p.name}-error` : undefined}>
      <legend>{p.legend}</legend>
      {p.hint ? <p class="hint">{p.hint}</p> : null}
      {p.error ? (
        <p class="error" id={`${p.name}-error`}>
          <span class="unseen">{t("error")} </span>
          {p.error}
        </p>
      ) : null}
      <div class={p.inline ? "choices inline" : "choices"}>
        {p.choices.map((c) => (
          <label class="choice" key={c.value}>
            <input type="radio" name={p.name} value={c.value} checked={p.value === c.value} onChange={() => p.onValue(c.value)} />
            <span>
              {c.label}
              {c.hint ? <span class="hint">{c.hint}</span> : null}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Password(p: Omit<InputProps, "input"> & { fresh?: boolean }) {
  const [shown, show] = useState(false);
  const { fresh, ...rest } = p;
  const about = { autocomplete: fresh ? "new-password" : "current-password", autocapitalize: "none", maxLength: 128 } as const;
  return (
    <div class="password">
      <TextField
        {...rest}
        input={shown ? { type: "text", ...about } : { type: "password", ...about }}
      />
      <button type="button" class="link" aria-controls={p.name} onClick={() => show(!shown)}>
        {t(shown ? "account.hide" : "account.show")}
      </button>
    </div>
  );
}

/** A button whose second click does nothing while the first is under way. */
export function Send({ busy, children, kind = "main" }: { busy: boolean; children: ComponentChildren; kind?: string }) {
  return (
    <button class={`button ${kind}`} type="submit" aria-disabled={busy ? "true" : undefined}>
      {busy ? t("sending") : children}
    </button>
  );
}

/** Runs one request at a time and keeps what went wrong. */
export function useSending() {
  const under = useRef(false);
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<Errors>({});
  async function send<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T> | null> {
    if (under.current) return null;
    under.current = true;
    setBusy(true);
    try {
      const out = await work();
      setErrors(out.ok ? {} : errorsOf(out.problem));
      return out;
    } finally {
      under.current = false;
      setBusy(false);
    }
  }
  return { busy, errors, setErrors, send };
}
