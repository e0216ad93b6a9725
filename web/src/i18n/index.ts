// One typed dictionary per language; Vietnamese is always there, English is loaded
// when it is chosen. "keys" is the test mode: it shows the keys themselves, so that
// a text that never went through a dictionary stands out.
import { vi } from "./vi";
import type { account } from "./vi.account";
import type { desk } from "./vi.desk";
import type { following } from "./vi.following";
import type { open } from "./vi.open";
import type { reporting } from "./vi.reporting";

export type Language = "vi" | "en" | "keys";
export type Key = keyof typeof vi | keyof typeof account | keyof typeof open | keyof typeof reporting | keyof typeof following | keyof typeof desk;

const place = "paht.language";
let current: Language = "vi";
let words: Record<string, string> = vi;

export function language(): string {
  return current === "en" ? "en" : "vi";
}

export function chosen(): Language {
  return current;
}

function asked(): Language {
  const inAddress = new URLSearchParams(location.search).get("lang");
  const known = (s: string | null): s is Language => s === "vi" || s === "en" || s === "keys";
  if (known(inAddress)) {
    keep(inAddress);
    return inAddress;
  }
  try {
    const kept = localStorage.getItem(place);
    if (known(kept)) return kept;
  } catch {
    // the language lasts as long as the page
  }
  return "vi";
}

function keep(l: Language): void {
  try {
    localStorage.setItem(place, l);
  } catch {
    // the language lasts as long as the page
  }
}

/** Further words of an area: the officers' pages bring theirs. */
export interface Area {
  vi: Record<string, string>;
  en: () => Promise<Record<string, string>>;
}

export async function begin(areas: Area[] = []): Promise<void> {
  current = asked();
  if (current === "en") {
    const own = await import("./en");
    const more = await Promise.all(areas.map((a) => a.en()));
    words = Object.assign({}, own.en, ...more);
  } else {
    words = Object.assign({}, vi, ...areas.map((a) => a.vi));
  }
  document.documentElement.lang = language();
}

/** Adds the words of an area that comes after the page has begun. */
export async function add(area: Area): Promise<void> {
  Object.assign(words, current === "en" ? await area.en() : area.vi);
}

export function choose(l: Language): void {
  keep(l);
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  history.replaceState(history.state, "", address);
  location.reload();
}

export type Values = Record<string, string | number>;

/** The text of a key; {name} stands for a value. */
export function say(key: string, values?: Values): string {
  if (current === "keys") return `[${key}]`;
  return fill(words[key] ?? key, values);
}

export function t(key: Key, values?: Values): string {
  return say(key, values);
}

/** Whether a dictionary knows a key: codes of the API that it does not know are shown as they are. */
export function known(key: string): boolean {
  return key in words;
}

/** The text of a code under a prefix, or the code where none is known. */
export function code(prefix: string, value: string): string {
  const key = `${prefix}.${value}`;
  return known(key) ? say(key) : value;
}

export function fill(text: string, values?: Values): string {
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
