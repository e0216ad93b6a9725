// The machine's hints with the phrase that each matched. The contract leaves their
// form free; what is not understood is left out rather than shown raw.
import { t } from "../i18n";
import type { Detail } from "./act";

export interface Hint {
  class: string;
  phrase: string;
}

export function hintsOf(raw: unknown): Hint[] {
  const list = Array.isArray(raw) ? raw : typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>)["hints"] : null;
  if (!Array.isArray(list)) return [];
  return list.flatMap((h: unknown) => {
    const o = (typeof h === "object" && h !== null ? h : {}) as Record<string, unknown>;
    const phrase = o["phrase"] ?? o["match"];
    const kind = o["class"] ?? o["code"];
    return typeof phrase === "string" ? [{ class: typeof kind === "string" ? kind : "", phrase }] : [];
  });
}

export function Hints({ d }: { d: Detail }) {
  const found = d.history.flatMap((e) => hintsOf(e.hints));
  if (found.length === 0) return null;
  return (
    <div class="notice warn">
      <h3>{t("report.hints")}</h3>
      <ul>
        {found.map((h) => (
          <li key={h.class + h.phrase}>
            {h.class} <mark>{h.phrase}</mark>
          </li>
        ))}
      </ul>
    </div>
  );
}
