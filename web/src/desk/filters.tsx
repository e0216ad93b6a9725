// The queue's filters, and those that were saved by name.
import { useMemo, useState } from "preact/hooks";
import { code, t } from "../i18n";
import { SelectField, TextField } from "../ui/form";
import { filterOf, keepFilters, queryOf, savedFilters, type Filter, type Row } from "./filter";

function options(rows: Row[], of: (r: Row) => [string, string]): [string, string][] {
  const found = new Map(rows.map(of));
  return [...found].sort((a, b) => a[1].localeCompare(b[1], "vi"));
}

export function Filters({ rows, filter, set }: { rows: Row[]; filter: Filter; set: (p: Partial<Filter>) => void }) {
  const [saved, setSaved] = useState(savedFilters());
  const [name, setName] = useState("");
  const lists = useMemo(
    () => ({
      categories: options(rows, (r) => [r.item.category, r.item.categoryName ?? r.item.category]),
      communes: options(rows, (r) => [r.item.commune, r.item.communeName ?? r.item.commune]),
      states: options(rows, (r) => [r.item.state, code(r.item.assignment ? "part" : "state", r.item.state)]),
    }),
    [rows],
  );
  function keep(next: Record<string, string>) {
    setSaved(next);
    keepFilters(next);
  }
  const set_ = filter.words || filter.category || filter.commune || filter.state || filter.due;
  return (
    <section aria-label={t("queue.filters")}>
      <div class="filters">
        <TextField name="words" label={t("queue.search")} value={filter.words} onValue={(words) => set({ words })} input={{ type: "search", maxLength: 100 }} />
        <SelectField name="category" label={t("track.category")} value={filter.category} empty={t("published.all")} options={lists.categories} onValue={(category) => set({ category })} />
        <SelectField name="commune" label={t("published.commune")} value={filter.commune} empty={t("published.all")} options={lists.communes} onValue={(commune) => set({ commune })} />
        <SelectField name="state" label={t("queue.state")} value={filter.state} empty={t("published.all")} options={lists.states} onValue={(state) => set({ state })} />
        <SelectField
          name="due"
          label={t("queue.late")}
          value={filter.due}
          empty={t("published.all")}
          options={[
            ["late", t("queue.lateOnly")],
            ["today", t("queue.today")],
          ]}
          onValue={(due) => set({ due })}
        />
      </div>
      {set_ ? (
        <button type="button" class="button small" onClick={() => set({ words: "", category: "", commune: "", state: "", due: "" })}>
          {t("published.clear")}
        </button>
      ) : null}
      <details>
        <summary>{t("queue.saved")}</summary>
        <ul>
          {Object.entries(saved).map(([n, query]) => (
            <li key={n}>
              <a href={query}>{n}</a>{" "}
              <button type="button" class="link" onClick={() => keep(Object.fromEntries(Object.entries(saved).filter(([k]) => k !== n)))}>
                {t("queue.forget", { name: n })}
              </button>
            </li>
          ))}
        </ul>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            if (!name.trim()) return;
            keep({ ...saved, [name.trim()]: queryOf(filterOf(queryOf(filter), filter.stage)) });
            setName("");
          }}
        >
          <TextField name="filter-name" label={t("queue.saveName")} value={name} onValue={setName} input={{ maxLength: 40 }} />
          <button class="button small" type="submit">
            {t("queue.save")}
          </button>
        </form>
      </details>
    </section>
  );
}
