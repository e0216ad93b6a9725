// The queue's filters: kept in the address, applied to what is loaded, saved by name.
import type { Schemas } from "../api/client";
import { fold } from "../vietnamese";

export type Item = Schemas["QueueItem"];

export interface Filter {
  stage: string;
  words: string;
  category: string;
  commune: string;
  state: string;
  due: string; // "late", "today" or ""
}

const names: [keyof Filter, string][] = [
  ["stage", "hang"],
  ["words", "tim"],
  ["category", "linh-vuc"],
  ["commune", "xa"],
  ["state", "tinh-trang"],
  ["due", "han"],
];

export function filterOf(search: string, stage: string): Filter {
  const q = new URLSearchParams(search);
  const f: Filter = { stage, words: "", category: "", commune: "", state: "", due: "" };
  for (const [field, name] of names) f[field] = q.get(name) ?? f[field];
  return f;
}

export function queryOf(f: Filter): string {
  const q = new URLSearchParams();
  for (const [field, name] of names) if (f[field]) q.set(name, f[field]);
  return "?" + q.toString();
}

/** What an item is searched by, made once. */
export function textOf(i: Item): string {
  return fold([i.report, i.report.replace(/-/g, ""), i.categoryName ?? i.category, i.communeName ?? i.commune].join(" "));
}

export interface Row {
  item: Item;
  text: string;
  due: number;
}

export function apply(rows: Row[], f: Filter, now: number, dayEnd: number): Row[] {
  const words = fold(f.words).split(/\s+/).filter(Boolean);
  return rows.filter(
    (r) =>
      (!f.category || r.item.category === f.category) &&
      (!f.commune || r.item.commune === f.commune) &&
      (!f.state || r.item.state === f.state) &&
      (f.due !== "late" || r.due < now) &&
      (f.due !== "today" || r.due <= dayEnd) &&
      words.every((w) => r.text.includes(w)),
  );
}

const place = "paht.filters";

export type Saved = Record<string, string>; // name → query

export function savedFilters(): Saved {
  try {
    return JSON.parse(localStorage.getItem(place) ?? "{}") as Saved;
  } catch {
    return {};
  }
}

export function keepFilters(saved: Saved): void {
  try {
    localStorage.setItem(place, JSON.stringify(saved));
  } catch {
    // the filter still stands in the address
  }
}

/** One cell of CSV (RFC 4180); a sheet must not take it for a formula. */
export function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export function csv(rows: string[][]): string {
  return "\ufeff" + rows.map((r) => r.map(cell).join(",")).join("\r\n") + "\r\n";
}
