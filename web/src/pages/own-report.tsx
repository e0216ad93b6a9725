// One of the reporter's reports: where it stands, who has it and until when, and what
// the reporter can do now.
import "../style/sending.css";
import { useMemo, useState } from "preact/hooks";
import { api, newKey, settle, type Schemas } from "../api/client";
import { readCode } from "../code";
import { code, t } from "../i18n";
import { followingWords } from "../i18n/following";
import { reportingWords } from "../i18n/reporting";
import { newDraft } from "../draft/store";
import { PhotoList, usePhotos } from "../sending/photos";
import { dateTime } from "../time";
import { AreaField, Choices, ErrorSummary, Send, TextField, useSending } from "../ui/form";
import { Show, useLoad } from "../ui/load";
import { Media } from "../ui/media";
import { start } from "../ui/shell";
import { Clocks, Rows, Tag } from "../ui/state";
import { Timeline } from "../ui/timeline";
import { Verdict } from "../ui/verdict";
import { length } from "../vietnamese";

type Detail = Schemas["Detail"];

interface Props {
  d: Detail;
  acted: () => Promise<void>;
}

/** The question that the screener asked last, while nothing answered it. */
function question(d: Detail): string | null {
  for (const e of [...d.history].reverse()) {
    if (e.type === "report.supplemented") return null;
    if (e.type === "supplement.asked") return e.text ?? "";
  }
  return null;
}

function Supplement({ d, acted }: Props) {
  const [text, setText] = useState("");
  const [draft, setDraft] = useState(() => ({ ...newDraft(""), id: `supplement-${d.id}` }));
  const photos = usePhotos(draft, (list) => setDraft((old) => ({ ...old, photos: list })));
  const { busy, errors, setErrors, send } = useSending();
  const uploads = photos.shown.map((s) => s.photo.upload).filter(Boolean);
  const key = useMemo(newKey, [text, uploads.join()]);
  async function submit(e: Event) {
    e.preventDefault();
    if (length(text) < 5) return setErrors({ text: t("field.short", { field: t("own.supplementText"), n: 5 }) });
    const out = await send(() =>
      settle(
        api.POST("/v1/reports/{report}/supplement", {
          params: { path: { report: d.id }, header: { "Idempotency-Key": key } },
          body: { text: text.trim(), ...(uploads.length > 0 ? { uploads } : {}) },
        }),
      ),
    );
    if (out?.ok) await acted();
  }
  return (
    <section class="notice warn">
      <h2>{t("own.supplement")}</h2>
      <p class="prose">{question(d)}</p>
      <ErrorSummary errors={errors} />
      <form noValidate onSubmit={submit}>
        <AreaField name="text" label={t("own.supplementText")} error={errors["text"]} value={text} onValue={setText} max={2000} />
        <PhotoList photos={photos} />
        <Send busy={busy}>{t("own.supplementSend")}</Send>
      </form>
    </section>
  );
}

function Withdraw({ d, acted }: Props) {
  const [reason, setReason] = useState("");
  const { busy, errors, send } = useSending();
  const key = useMemo(newKey, [reason]);
  async function submit(e: Event) {
    e.preventDefault();
    const out = await send(() =>
      settle(
        api.POST("/v1/reports/{report}/withdrawal", {
          params: { path: { report: d.id }, header: { "Idempotency-Key": key } },
          body: reason.trim() ? { reason: reason.trim() } : {},
        }),
      ),
    );
    if (out?.ok) await acted();
  }
  return (
    <details>
      <summary>{t("own.withdraw")}</summary>
      <p class="hint">{t("own.withdrawHint")}</p>
      <ErrorSummary errors={errors} />
      <form noValidate onSubmit={submit}>
        <TextField name="reason" label={t("own.withdrawReason")} optional value={reason} onValue={setReason} input={{ maxLength: 500 }} />
        <Send busy={busy} kind="danger">
          {t("own.withdrawConfirm")}
        </Send>
      </form>
    </details>
  );
}

function Rate({ d, a, acted }: Props & { a: Schemas["Assignment"] }) {
  const [rating, setRating] = useState(a.rating ? String(a.rating) : "");
  const { busy, errors, setErrors, send } = useSending();
  const key = useMemo(newKey, [rating, a.etag]);
  async function submit(e: Event) {
    e.preventDefault();
    if (!rating) return setErrors({ [`rating-${a.id}`]: t("field.choose", { field: t("own.rate") }) });
    const out = await send(() =>
      settle(
        api.POST("/v1/reports/{report}/assignments/{assignment}/rating", {
          params: { path: { report: d.id, assignment: a.id }, header: { "Idempotency-Key": key } },
          body: { rating: Number(rating) },
        }),
      ),
    );
    if (out?.ok) await acted();
  }
  return (
    <form noValidate onSubmit={submit}>
      <ErrorSummary errors={errors} />
      <Choices
        name={`rating-${a.id}`}
        legend={t("own.rate")}
        hint={t("own.rateHint")}
        error={errors[`rating-${a.id}`]}
        value={rating}
        onValue={setRating}
        choices={["1", "2", "3"].map((v) => ({ value: v, label: code("rating", v) }))}
      />
      <Send busy={busy}>{t("own.rateSend")}</Send>
      <p role="status">{a.rating ? t("own.rated", { rating: code("rating", String(a.rating)) }) : ""}</p>
    </form>
  );
}

function Document({ d, part }: { d: Detail; part: string }) {
  const item = useLoad(() => settle(api.GET("/v1/published/{report}", { params: { path: { report: d.id } } })), [d.id]);
  const found = item.data?.parts.find((p) => p.assignment === part);
  return (
    <p>
      <a class="button" href={`/cong-khai/phan-anh/?ma=${encodeURIComponent(d.id)}`}>
        {t("own.item")}
      </a>
      {found?.document ? (
        <a class="button" href={found.document} target="_blank" rel="noreferrer">
          {t("own.document")}
        </a>
      ) : null}
    </p>
  );
}

function Part({ d, a, acted }: Props & { a: Schemas["Assignment"] }) {
  return (
    <section class="card">
      <h2>
        {t("own.part", { agency: a.agencyName ?? a.agency })} <Tag of="part" state={a.state} />
      </h2>
      <Clocks clocks={a.clocks} />
      <Verdict verdict={a.result?.verdict} />
      {a.publication ? <Document d={d} part={a.id} /> : null}
      {a.state === "published" ? <Rate d={d} a={a} acted={acted} key={a.etag} /> : null}
    </section>
  );
}

function Body({ d, acted }: Props) {
  const running = [...d.clocks, ...d.assignments.flatMap((a) => a.clocks)].filter((c) => !c.done && ["screening", "transfer", "redistribute", "handling", "publication"].includes(c.name));
  const until = running.map((c) => c.due).sort()[0];
  const before = d.state === "submitted" || d.state === "screening";
  return (
    <>
      <h1>{t("own.title", { code: d.id })}</h1>
      <div class="notice">
        <p>
          <Tag state={d.state} />
        </p>
        <p>
          {code("own.now", d.state)} {until ? t("own.until", { when: dateTime(until) }) + "." : ""}
        </p>
      </div>
      {d.state === "screening" && question(d) !== null ? <Supplement d={d} acted={acted} /> : null}
      {d.assignments.map((a) => (
        <Part d={d} a={a} acted={acted} key={a.id} />
      ))}
      <h2>{t("own.text")}</h2>
      <p class="prose">{d.text}</p>
      <Media media={d.media} />
      <Rows
        rows={[
          [t("own.category"), d.categoryName ?? d.category],
          [t("own.place"), [d.address, d.communeName ?? d.commune].filter(Boolean).join("\n")],
          [t("own.sent"), dateTime(d.submittedAt)],
          [t("own.occurred"), dateTime(d.occurredAt)],
          [t("own.publicity"), t(d.publicity === "name_shown" ? "yes" : "no")],
        ]}
      />
      <h2>{t("own.timeline")}</h2>
      <Timeline entries={d.history} />
      {before ? <Withdraw d={d} acted={acted} /> : null}
    </>
  );
}

function OwnReport() {
  const report = readCode(new URLSearchParams(location.search).get("ma") ?? "");
  const found = useLoad(() => settle(api.GET("/v1/reports/{report}", { params: { path: { report } } })), [report]);
  if (!report) return <h1>{t("notFound.title")}</h1>;
  return (
    <>
      {found.data ? null : <h1>{t("own.title", { code: report })}</h1>}
      <Show of={found}>{(d) => <Body d={d} acted={found.again} />}</Show>
    </>
  );
}

void start({ title: "nav.mine", areas: [reportingWords, followingWords], only: "reporter" }, OwnReport);
