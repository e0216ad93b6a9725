// Sending a report in short steps; every change is in the database before the next.
import "../style/sending.css";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Schemas } from "../api/problem";
import { logInAddress, who } from "../api/session";
import { add, t, type Key } from "../i18n";
import { reportingWords } from "../i18n/reporting";
import type { Sent } from "../draft/outbox";
import { draftOf, draftsOf, newDraft, saveDraft, type Draft } from "../draft/store";
import { outboxEvent } from "../draft/waiting";
import { PhotoList, usePhotos } from "../sending/photos";
import { isStep, missing, stepOf, steps, type Step } from "../sending/steps";
import { Danger } from "../ui/danger";
import { ErrorSummary, errorsOf, type Errors } from "../ui/form";
import { Skeleton } from "../ui/load";
import { start } from "../ui/shell";

type Later = typeof import("../sending/later");

/** What the first step does not need comes after it. */
function useLater(): Later | null {
  const [later, set] = useState<Later | null>(null);
  useEffect(() => {
    void import("../sending/later").then(async (m) => {
      await add(m.followingWords);
      set(m);
    });
  }, []);
  return later;
}

const titles: Record<Step, Key> = { photos: "send.photos", place: "send.place", what: "send.what", choices: "send.choices", check: "send.check" };

function address(id: string, step: Step): string {
  return `/gui-phan-anh/?nhap=${id}&buoc=${step}`;
}

function Steps({ first }: { first: Draft }) {
  const [draft, setDraft] = useState(first);
  const latest = useRef(first);
  const asked = new URLSearchParams(location.search).get("buoc");
  const [step, setStep] = useState<Step>(isStep(asked) ? asked : "photos");
  const [errors, setErrors] = useState<Errors>(first.problem && first.state === "refused" ? errorsOf(first.problem) : {});
  const [busy, setBusy] = useState(false);
  const [acted, setActed] = useState<Schemas["Acted"] | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const later = useLater();
  const photos = usePhotos(draft, (list) => set({ photos: list }));

  function put(d: Draft) {
    latest.current = d;
    setDraft(d);
  }
  function set(part: Partial<Draft>) {
    // What was changed is another act: a body that was frozen before is given up.
    const next: Draft = { ...latest.current, ...part, changed: Date.now(), state: "open", body: null, key: "", problem: null };
    put(next);
    void saveDraft(next);
  }
  function show(next: Step) {
    setStep(next);
    setTimeout(() => title.current?.focus());
    scrollTo(0, 0);
  }
  function go(next: Step) {
    history.pushState(null, "", address(draft.id, next));
    show(next);
  }
  useEffect(() => {
    if (!isStep(asked)) history.replaceState(null, "", address(draft.id, "photos"));
    const back = () => {
      const s = new URLSearchParams(location.search).get("buoc");
      setErrors({});
      show(isStep(s) ? s : "photos");
    };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  useEffect(() => {
    document.title = `${t(titles[step])} – ${t("service")}`;
  }, [step]);
  useEffect(() => {
    if (acted) document.querySelector<HTMLElement>(".confirm h1")?.focus();
  }, [acted]);

  /** What became of the report, whether this page sent it or the outbox did. */
  function became(out: Sent) {
    if (out.acted) {
      history.replaceState(null, "", "/gui-phan-anh/");
      setActed(out.acted);
      return;
    }
    put(out.draftAfter);
    if (out.draftAfter.state === "refused" && out.draftAfter.problem) {
      const found = errorsOf(out.draftAfter.problem);
      setErrors(found);
      const place = stepOf(Object.keys(found)[0] ?? "");
      if (place !== "check") go(place);
    }
  }
  useEffect(() => {
    const hear = (e: Event) => {
      const sent = (e as CustomEvent<Sent>).detail;
      if (sent.draft === latest.current.id) became(sent);
    };
    addEventListener(outboxEvent, hear);
    return () => removeEventListener(outboxEvent, hear);
  }, []);

  async function send() {
    if (busy || !later) return;
    setBusy(true);
    await later.locked(async () => void (await later.sendDraft(latest.current)));
    setBusy(false);
  }
  function submit(e: Event) {
    e.preventDefault();
    const wrong = step === "check" ? allMissing(draft) : missing(step, draft);
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) {
      const place = stepOf(Object.keys(wrong)[0] ?? "");
      if (step === "check" && place !== "check") go(place);
      return;
    }
    if (step === "check") return void send();
    go(steps[steps.indexOf(step) + 1] ?? "check");
  }

  if (acted && later) return <later.Confirmed acted={acted} />;
  const n = steps.indexOf(step) + 1;
  return (
    <>
      {draft.state === "waiting" && later ? <later.Waiting draft={draft} again={() => void send()} /> : null}
      <ErrorSummary errors={errors} />
      {step === "photos" ? <Danger /> : null}
      <p class="faint">{t("send.step", { n, of: steps.length })}</p>
      <h1 ref={title} tabIndex={-1}>
        {t(titles[step])}
      </h1>
      <form noValidate onSubmit={submit}>
        {step === "photos" ? (
          <>
            <p class="hint">{t("send.photosHint")}</p>
            <PhotoList photos={photos} />
          </>
        ) : null}
        {step !== "photos" && !later ? <Skeleton /> : null}
        {step === "place" && later ? <later.Place draft={draft} set={set} errors={errors} /> : null}
        {step === "what" && later ? <later.What draft={draft} set={set} errors={errors} /> : null}
        {step === "choices" && later ? <later.Publicity draft={draft} set={set} errors={errors} /> : null}
        {step === "check" && later ? <later.Check draft={draft} photos={photos} go={go} /> : null}
        <button class="button main" type="submit" aria-disabled={busy ? "true" : undefined}>
          {step !== "check" ? t("continue") : busy ? t("sending") : t("send.button")}
        </button>
        {n > 1 ? (
          <button type="button" class="button" onClick={() => history.back()}>
            {t("back")}
          </button>
        ) : null}
      </form>
      <p class="hint">{t("send.kept")}</p>
    </>
  );
}

function allMissing(d: Draft): Errors {
  return { ...missing("place", d), ...missing("what", d) };
}

/** Finds the draft that the address names, or begins one where none waits. */
function Send() {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [others, setOthers] = useState<Draft[] | null>(null);
  const later = useLater();
  const w = who();
  useEffect(() => {
    if (!w) return;
    void (async () => {
      const id = new URLSearchParams(location.search).get("nhap");
      const found = id ? await draftOf(id, w.id) : null;
      if (found) return setDraft(found);
      const all = await draftsOf(w.id);
      if (all.length === 0) setDraft(newDraft(w.id));
      else setOthers(all);
    })();
  }, []);
  if (!w) {
    location.replace(logInAddress());
    return null;
  }
  if (draft) return <Steps first={draft} />;
  if (!others || !later) return <Skeleton />;
  return (
    <>
      <Danger />
      <h1>{t("send.title")}</h1>
      <button type="button" class="button main" onClick={() => setDraft(newDraft(w.id))}>
        {t("send.new")}
      </button>
      <h2>{t("send.drafts")}</h2>
      <later.Drafts drafts={others} changed={async () => setOthers(await draftsOf(w.id))} />
    </>
  );
}

void start({ title: "send.title", areas: [reportingWords], only: "reporter" }, Send);
