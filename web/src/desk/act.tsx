// What every act of an officer shares: one request at a time, the ETag of what was
// seen, a key that stays with the same body, and what happens when somebody was first.
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { newKey, settle, type Schemas } from "../api/client";
import { ErrorSummary, Send, useSending, type Errors } from "../ui/form";

export type Detail = Schemas["Detail"];
export type Acted = Schemas["Acted"];

export interface ActProps {
  d: Detail;
  done: (acted: Acted) => void;
  stale: () => void;
}

export interface Headers {
  "Idempotency-Key": string;
  "If-Match": string;
}

interface Answer {
  data?: Acted;
  error?: unknown;
  response: Response;
}

export function useAct(p: ActProps, etag: string, body: unknown) {
  const sending = useSending();
  const key = useMemo(newKey, [JSON.stringify(body)]);
  async function run(call: (header: Headers) => Promise<Answer>) {
    const out = await sending.send(() => settle(call({ "Idempotency-Key": key, "If-Match": etag })));
    if (out?.ok) p.done(out.data);
    else if (out?.problem.status === 412) p.stale();
  }
  return { ...sending, run };
}

/** An act folded away until somebody wants it. */
export function Act({
  title,
  open,
  errors,
  busy,
  submit,
  button,
  kind,
  labels,
  children,
}: {
  title: string;
  open?: boolean;
  errors: Errors;
  busy: boolean;
  submit: () => void;
  button: string;
  kind?: string;
  labels?: Record<string, string>;
  children?: ComponentChildren;
}) {
  return (
    <details open={open}>
      <summary>{title}</summary>
      <ErrorSummary errors={errors} labels={labels} />
      <form
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          submit();
        }}
      >
        {children}
        <Send busy={busy} kind={kind ?? "main"}>
          {button}
        </Send>
      </form>
    </details>
  );
}
