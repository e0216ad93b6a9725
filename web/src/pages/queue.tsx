// The officer's queue: by due time, filtered in the address, with bulk acts made of
// single operations and a keyboard flow.
import "../style/desk.css";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, settle, type Problem } from "../api/client";
import { readCode } from "../code";
import { Bulk } from "../desk/bulk";
import { apply, csv, filterOf, queryOf, textOf, type Filter, type Row } from "../desk/filter";
import { Filters } from "../desk/filters";
import { Table } from "../desk/table";
import { stages, type Stage } from "../desk/stages";
import { left, useNow, useSessions } from "../desk/worktime";
import { may } from "../api/session";
import { code, t } from "../i18n";
import { openWords } from "../i18n/open";
import { deskWords } from "../i18n/desk";
import { dateTime } from "../time";
import { keyboardOn, useKeys } from "../ui/keyboard";
import { Skeleton, Wrong } from "../ui/load";
import { start } from "../ui/shell";

const most = 1000;

function useQueue(stage: Stage["name"]) {
  const [rows, setRows] = useState<Row[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const turn = useRef(0);
  async function load() {
    const mine = ++turn.current;
    let cursor: string | undefined;
    let all: Row[] = [];
    do {
      const out = await settle(
        api.GET("/v1/queues/{stage}", { params: { path: { stage }, query: { limit: 100, ...(cursor ? { cursor } : {}) } } }),
      );
      if (mine !== turn.current) return;
      if (!out.ok) return setProblem(out.problem);
      all = [...all, ...out.data.items.map((item) => ({ item, text: textOf(item), due: Date.parse(item.due) }))];
      setProblem(null);
      setRows(all);
      cursor = out.data.next;
    } while (cursor && all.length < most);
  }
  useEffect(() => {
    setRows(null);
    void load();
  }, [stage]);
  return { rows, problem, load };
}

function OpenByCode() {
  const [typed, type] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <form
      class="bar"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        const found = readCode(typed);
        if (found) location.assign(`/can-bo/phan-anh/?ma=${encodeURIComponent(found)}`);
        else setWrong(true);
      }}
    >
      <label for="open-code">{t("queue.open")}</label>
      <input class="text short" id="open-code" value={typed} onInput={(e) => type(e.currentTarget.value)} maxLength={40} autocomplete="off" aria-invalid={wrong ? "true" : undefined} aria-describedby={wrong ? "open-code-error" : undefined} />
      <button class="button" type="submit">
        {t("queue.go")}
      </button>
      {wrong ? (
        <p class="error" id="open-code-error" role="alert">
          {t("track.wrong")}
        </p>
      ) : null}
    </form>
  );
}

function download(rows: Row[], now: number, sessions: ReturnType<typeof useSessions>) {
  const head = [t("queue.code"), t("queue.state"), t("track.category"), t("track.commune"), t("track.submitted"), t("queue.due"), t("queue.left")];
  const lines = rows.map(({ item: i, due }) => [
    i.report,
    code(i.assignment ? "part" : "state", i.state),
    i.categoryName ?? i.category,
    i.communeName ?? i.commune,
    dateTime(i.submittedAt),
    dateTime(i.due),
    left(sessions, now, due),
  ]);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv([head, ...lines])], { type: "text/csv" }));
  link.download = `paht-${new Date().toISOString().slice(0, 10)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function endOfDay(now: number): number {
  const day = 86_400_000;
  const offset = 7 * 3_600_000; // the province's
  return Math.floor((now + offset) / day) * day + day - offset;
}

function List({ stage, filter, set }: { stage: Stage; filter: Filter; set: (p: Partial<Filter>) => void }) {
  const { rows, problem, load } = useQueue(stage.name);
  const now = useNow();
  const sessions = useSessions();
  const [at, setAt] = useState(-1);
  const [picked, setPicked] = useState<Set<string>>(new Set());
  const shown = useMemo(() => apply(rows ?? [], filter, now, endOfDay(now)), [rows, filter, now]);
  const keyOf = (r: Row) => r.item.report + (r.item.assignment ?? "");
  const move = (by: number) => {
    const next = Math.max(0, Math.min(shown.length - 1, at + by));
    setAt(next);
    document.querySelectorAll<HTMLElement>(".queue tbody tr a")[next]?.focus();
  };
  useKeys({ j: () => move(1), k: () => move(-1), "/": () => document.getElementById("words")?.focus(), r: () => void load() });
  const acts = may(stage.acts) && (stage.name === "screen" || stage.name === "agency");
  const chosen = shown.filter((r) => picked.has(keyOf(r)));
  return (
    <>
      <Filters rows={rows ?? []} filter={filter} set={set} />
      {may(stage.acts) ? null : <p class="hint">{t("queue.reads")}</p>}
      {problem ? <Wrong problem={problem} again={() => void load()} /> : null}
      {rows ? (
        <>
          <div class="bar">
            <p role="status">
              {shown.length < rows.length
                ? t("queue.shown", { n: shown.length, of: rows.length })
                : t("queue.count", { n: rows.length, late: rows.filter((r) => r.due < now).length })}
            </p>
            <button type="button" class="button small" onClick={() => void load()}>
              {t("queue.reload")}
            </button>
            <button type="button" class="button small" onClick={() => download(shown, now, sessions)}>
              {t("queue.csv")}
            </button>
          </div>
          {acts ? <Bulk stage={stage.name} chosen={chosen} done={load} /> : null}
          {shown.length === 0 ? (
            <div class="notice">
              <p>{t(rows.length === 0 ? "queue.empty" : "queue.filteredEmpty")}</p>
            </div>
          ) : (
            <Table rows={shown} at={at} now={now} sessions={sessions} query={queryOf(filter)} pick={acts ? { picked, setPicked, keyOf } : null} />
          )}
        </>
      ) : problem ? null : (
        <Skeleton />
      )}
    </>
  );
}

function Queue() {
  const open = stages();
  const [filter, setFilter] = useState(() => filterOf(location.search, open[0]?.name ?? ""));
  const stage = open.find((s) => s.name === filter.stage) ?? open[0];
  function set(part: Partial<Filter>) {
    const f = { ...filter, ...part };
    setFilter(f);
    history.replaceState(null, "", location.pathname + queryOf(f));
  }
  return (
    <>
      <h1>{t("queue.title")}</h1>
      <OpenByCode />
      {!stage ? (
        <div class="notice">
          <p>{t("queue.noStage")}</p>
        </div>
      ) : (
        <>
          {open.length > 1 ? (
            <nav aria-label={t("queue.stage")}>
              <ul class="tabs">
                {open.map((s) => (
                  <li key={s.name}>
                    <a
                      href={queryOf({ ...filterOf("", s.name) })}
                      aria-current={s.name === stage.name ? "page" : undefined}
                    >
                      {t(`stage.${s.name}`)}
                    </a>
                  </li>
                ))}
              </ul>
            </nav>
          ) : (
            <h2>{t(`stage.${stage.name}`)}</h2>
          )}
          <List stage={stage} filter={{ ...filter, stage: stage.name }} set={set} />
          {keyboardOn() ? <p class="hint">{t("queue.keys")}</p> : null}
        </>
      )}
    </>
  );
}

void start({ title: "queue.title", areas: [deskWords, openWords], only: "officer", wide: true }, Queue);
