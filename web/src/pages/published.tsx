// Published results: list, search with or without diacritics, filters kept in the
// address, and the communes as map and table.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, settle, type Schemas } from "../api/client";
import { t } from "../i18n";
import { openWords } from "../i18n/open";
import { boundary, type Area } from "../place/boundary";
import { useCatalog } from "../sending/catalog";
import { date } from "../time";
import { SelectField, TextField } from "../ui/form";
import { Skeleton, Wrong } from "../ui/load";
import { start } from "../ui/shell";
import { fold } from "../vietnamese";
import type { Problem } from "../api/client";

type Part = Schemas["PublishedPart"];

interface Filter {
  commune: string;
  category: string;
  words: string;
}

function filterOf(search: string): Filter {
  const q = new URLSearchParams(search);
  return { commune: q.get("xa") ?? "", category: q.get("linh-vuc") ?? "", words: q.get("tim") ?? "" };
}

function addressOf(f: Filter): string {
  const q = new URLSearchParams();
  if (f.commune) q.set("xa", f.commune);
  if (f.category) q.set("linh-vuc", f.category);
  if (f.words) q.set("tim", f.words);
  const s = q.toString();
  return location.pathname + (s ? "?" + s : "");
}

/** The API filters by one of both; the other is filtered here. */
export function matches(p: Part, f: Filter): boolean {
  if (f.commune && p.commune !== f.commune) return false;
  if (f.category && p.category !== f.category) return false;
  const words = fold(f.words).split(/\s+/).filter(Boolean);
  const text = fold([p.title, p.content, p.answer, p.agencyName, p.report, p.communeName, p.categoryName].join(" "));
  return words.every((w) => text.includes(w));
}

function usePublished(f: Filter) {
  const [parts, setParts] = useState<Part[] | null>(null);
  const [next, setNext] = useState<string | undefined>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const turn = useRef(0);
  async function load(cursor?: string) {
    const mine = cursor ? turn.current : ++turn.current;
    const query = { limit: 50, ...(f.commune ? { commune: f.commune } : f.category ? { category: f.category } : {}), ...(cursor ? { cursor } : {}) };
    const out = await settle(api.GET("/v1/published", { params: { query } }));
    if (mine !== turn.current) return;
    if (!out.ok) return setProblem(out.problem);
    setProblem(null);
    setParts((old) => (cursor && old ? [...old, ...out.data.parts] : out.data.parts));
    setNext(out.data.next);
  }
  useEffect(() => {
    setParts(null);
    void load();
  }, [f.commune, f.commune ? "" : f.category]);
  return { parts, next, problem, load };
}

function Item({ p }: { p: Part }) {
  return (
    <li class="card">
      <h2>
        <a href={`/cong-khai/phan-anh/?ma=${encodeURIComponent(p.report)}`}>{p.title}</a>
      </h2>
      <p class="faint">
        {p.categoryName ?? p.category} · {p.communeName ?? p.commune} · {p.agencyName}
      </p>
      <p class="faint">
        {t("published.at", { when: date(p.publishedAt) })}{" "}
        <strong class={p.onTime ? "tag good" : "tag bad"}>{t(p.onTime ? "published.onTime" : "published.late")}</strong>
      </p>
    </li>
  );
}

function Communes({ parts, filter, choose }: { parts: Part[]; filter: Filter; choose: (commune: string) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [areas, setAreas] = useState<Area[]>([]);
  const count = (c: string) => parts.filter((p) => p.commune === c).length;
  const act = useRef(choose);
  act.current = choose;
  useEffect(() => {
    void boundary().then(setAreas);
  }, []);
  useEffect(() => {
    if (areas.length === 0 || !box.current) return;
    const into = box.current;
    let drawn: { remove: () => void } | null = null;
    let left = false;
    void import("../place/map").then(({ drawMap }) => {
      if (left) return;
      const d = drawMap(into, areas, t("published.map"));
      drawn = d.map;
      for (const area of areas) {
        const shape = d.layers.get(area.code);
        shape?.on("click", () => act.current(area.code));
        shape?.setTooltipContent(`${area.name} (${count(area.code)})`);
        if (area.code === filter.commune) shape?.getElement()?.classList.add("chosen");
      }
    });
    return () => {
      left = true;
      drawn?.remove();
    };
  }, [areas, parts, filter.commune]);
  return (
    <details>
      <summary>{t("published.map")}</summary>
      <p class="hint">{t("published.mapText")}</p>
      <MapWhenOpen box={box} />
      <table>
        <thead>
          <tr>
            <th scope="col">{t("published.commune")}</th>
            <th scope="col">{t("published.number")}</th>
          </tr>
        </thead>
        <tbody>
          {areas.map((a) => (
            <tr key={a.code}>
              <td>
                <button type="button" class="link" aria-pressed={a.code === filter.commune} onClick={() => choose(a.code)}>
                  {a.name}
                </button>
              </td>
              <td>{count(a.code)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function MapWhenOpen({ box }: { box: { current: HTMLDivElement | null } }) {
  return <div class="map" ref={box} />;
}

function Published() {
  const [filter, setFilter] = useState(() => filterOf(location.search));
  const catalog = useCatalog();
  const { parts, next, problem, load } = usePublished(filter);
  const shown = useMemo(() => (parts ?? []).filter((p) => matches(p, filter)), [parts, filter]);
  function set(part: Partial<Filter>) {
    const f = { ...filter, ...part };
    setFilter(f);
    history.replaceState(null, "", addressOf(f));
  }
  return (
    <>
      <h1>{t("published.title")}</h1>
      <form role="search" onSubmit={(e) => e.preventDefault()}>
        <TextField name="tim" label={t("published.search")} hint={t("published.searchHint")} value={filter.words} onValue={(words) => set({ words })} input={{ type: "search", maxLength: 100 }} />
        <SelectField name="xa" label={t("published.commune")} value={filter.commune} empty={t("published.all")} options={catalog.communes.map((c) => [c.code, c.name])} onValue={(commune) => set({ commune })} />
        <SelectField name="linh-vuc" label={t("published.category")} value={filter.category} empty={t("published.all")} options={catalog.categories.map((c) => [c.code, c.name])} onValue={(category) => set({ category })} />
        {filter.commune || filter.category || filter.words ? (
          <button type="button" class="button" onClick={() => set({ commune: "", category: "", words: "" })}>
            {t("published.clear")}
          </button>
        ) : null}
      </form>
      {problem ? <Wrong problem={problem} again={() => void load()} /> : null}
      {parts ? (
        <>
          <p role="status">{shown.length === 0 ? t("published.empty") : t("published.count", { n: shown.length })}</p>
          <ul class="cards">
            {shown.map((p) => (
              <Item p={p} key={p.report + p.assignment} />
            ))}
          </ul>
          {next ? (
            <button type="button" class="button" onClick={() => void load(next)}>
              {t("more")}
            </button>
          ) : null}
          <Communes parts={shown} filter={filter} choose={(commune) => set({ commune })} />
        </>
      ) : problem ? null : (
        <Skeleton />
      )}
    </>
  );
}

void start({ title: "published.title", areas: [openWords] }, Published);
