// The settings documents: read, see what a change would do, store.
import "../style/desk.css";
import { useMemo, useState } from "preact/hooks";
import { api, newKey, settle, type Schemas } from "../api/client";
import { code, t } from "../i18n";
import type { paths } from "../api/schema";
import { deskWords } from "../i18n/desk";
import { ErrorSummary, Field, useSending } from "../ui/form";
import { Skeleton, Wrong, useLoad } from "../ui/load";
import { start } from "../ui/shell";

type Kind = paths["/v1/admin/settings/{kind}"]["get"]["parameters"]["path"]["kind"];

const kinds: Kind[] = ["units", "agencies", "categories", "boundary", "calendar", "policies", "texts", "roots", "certificates", "roles", "refusals", "words"];

type Stored = Schemas["StoredSettingsOutputBody"];

function Differences({ of }: { of: Stored }) {
  return (
    <section class={of.stored ? "notice good" : "notice"} role="status">
      <h2>{of.stored ? t("settings.stored", { n: of.version }) : t("settings.differences")}</h2>
      {of.differences.length === 0 ? <p>{t("settings.same")}</p> : null}
      <ul>
        {of.differences.map((x) => (
          <li key={x.key}>
            {code("difference", x.kind)}: {x.key}
          </li>
        ))}
      </ul>
      {of.more ? <p>{t("settings.more", { n: of.more })}</p> : null}
    </section>
  );
}

function Editor({ kind, document: first, etag, stored }: { kind: Kind; document: unknown; etag: string; stored: () => Promise<void> }) {
  const [text, setText] = useState(first === undefined ? "" : JSON.stringify(first, null, 1));
  const [out, setOut] = useState<Stored | null>(null);
  const { busy, errors, setErrors, send } = useSending();
  const key = useMemo(newKey, [text]);
  async function go(dryRun: boolean) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (e) {
      return setErrors({ document: t("settings.notJson", { why: e instanceof Error ? e.message : "" }) });
    }
    const header = { "Idempotency-Key": dryRun ? newKey() : key, "If-Match": etag };
    const answer = await send(() =>
      settle(api.PUT("/v1/admin/settings/{kind}", { params: { path: { kind }, header, query: dryRun ? { dryRun: true } : {} }, body: { document: parsed } })),
    );
    if (!answer?.ok) return setOut(null);
    setOut(answer.data);
    if (answer.data.stored) await stored();
  }
  return (
    <>
      <ErrorSummary errors={errors} />
      {out ? <Differences of={out} /> : null}
      <form
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          void go(true);
        }}
      >
        <Field name="document" label={t("settings.document")} error={errors["document"]}>
          {(a) => <textarea class="text code" rows={22} spellcheck={false} {...a} value={text} onInput={(e) => setText(e.currentTarget.value)} />}
        </Field>
        <Field name="file" label={t("settings.file")} optional>
          {(a) => (
            <input class="text" type="file" accept="application/json,.json,.geojson" {...a} onChange={(e) => void e.currentTarget.files?.[0]?.text().then(setText)} />
          )}
        </Field>
        <button class="button main" type="submit" aria-disabled={busy ? "true" : undefined}>
          {t("settings.dry")}
        </button>
        {out && !out.stored ? (
          <button type="button" class="button" aria-disabled={busy ? "true" : undefined} onClick={() => void go(false)}>
            {t("settings.store")}
          </button>
        ) : null}
      </form>
    </>
  );
}

function Shown({ kind }: { kind: Kind }) {
  const found = useLoad(() => settle(api.GET("/v1/admin/settings/{kind}", { params: { path: { kind } } })), [kind]);
  const none = found.problem?.status === 404 || found.problem?.code === "not_set_up";
  if (!found.data && !found.problem) return <Skeleton />;
  if (found.problem && !none) return <Wrong problem={found.problem} again={found.again} />;
  return (
    <>
      <p class="faint">{found.data ? (found.data.version > 0 ? t("settings.version", { n: found.data.version }) : t("settings.shipped")) : t("settings.empty")}</p>
      <Editor kind={kind} document={found.data?.document} etag={found.data ? found.etag : '"0"'} stored={found.again} />
    </>
  );
}

function Settings() {
  const asked = new URLSearchParams(location.search).get("loai") ?? "";
  const kind = kinds.find((k) => k === asked) ?? "policies";
  return (
    <>
      <h1>{t("settings.title")}</h1>
      <p class="hint">{t("settings.lead")}</p>
      <nav aria-label={t("settings.title")}>
        <ul class="tabs">
          {kinds.map((k) => (
            <li key={k}>
              <a href={`?loai=${k}`} aria-current={k === kind ? "page" : undefined}>
                {code("kind", k)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Shown kind={kind} />
    </>
  );
}

void start({ title: "settings.title", areas: [deskWords], only: "officer", right: "settings.write", wide: true }, Settings);
