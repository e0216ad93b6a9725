// The states of what a page loads: a skeleton, a word when the line is slow, the
// thing itself, or what went wrong and what to do.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { expired, type Outcome, type Problem } from "../api/problem";
import { logInAddress } from "../api/session";
import { t } from "../i18n";
import { problemText } from "./form";

export interface Loaded<T> {
  data: T | null;
  etag: string;
  problem: Problem | null;
  again: () => Promise<void>;
  set: (d: T) => void;
}

export function useLoad<T>(load: () => Promise<Outcome<T>>, needs: unknown[] = []): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; etag: string; problem: Problem | null }>({ data: null, etag: "", problem: null });
  const turn = useRef(0);
  const again = useCallback(async () => {
    const mine = ++turn.current;
    const out = await load();
    if (mine !== turn.current) return; // a later question has been asked meanwhile
    if (out.ok) setState({ data: out.data, etag: out.etag, problem: null });
    else setState((s) => ({ ...s, problem: out.problem }));
  }, needs);
  useEffect(() => {
    void again();
  }, [again]);
  const set = (data: T) => setState((s) => ({ ...s, data, problem: null }));
  return { ...state, again, set };
}

export function Skeleton() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 4000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div>
      <p class="unseen" role="status">
        {t("loading")}
      </p>
      <div class="skeleton" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      {slow ? <p class="faint">{t("slow")}</p> : null}
    </div>
  );
}

export function Wrong({ problem, again }: { problem: Problem; again?: () => void }) {
  if (expired(problem)) return <Expired />;
  return (
    <div class="notice" role="alert">
      <h2>{problem.status === 404 ? t("notFound.title") : problem.title || t("errors.title")}</h2>
      <p>{problemText(problem)}</p>
      {again && problem.status !== 404 && problem.status !== 403 ? (
        <button class="button" type="button" onClick={again}>
          {t("retry")}
        </button>
      ) : null}
    </div>
  );
}

export function Expired() {
  return (
    <div class="notice" role="alert">
      <h2>{t("expired.title")}</h2>
      <p>{t("expired.text")}</p>
      <a class="button main" href={logInAddress()}>
        {t("logIn.button")}
      </a>
    </div>
  );
}

/** Draws what was loaded, or the state on the way there. */
export function Show<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ComponentChildren }) {
  if (of.data !== null) {
    return (
      <>
        {of.problem ? <Wrong problem={of.problem} again={of.again} /> : null}
        {children(of.data)}
      </>
    );
  }
  if (of.problem) return <Wrong problem={of.problem} again={of.again} />;
  return <Skeleton />;
}
