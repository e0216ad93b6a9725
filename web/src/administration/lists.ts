// Choices read out of the settings documents, whose form the contract leaves free:
// what has not the expected form is left out.
import { language } from "../i18n";

function rows(document: unknown, name: string): Record<string, unknown>[] {
  const list = Array.isArray(document) ? document : ((document as Record<string, unknown> | null)?.[name] ?? []);
  return Array.isArray(list) ? list.filter((r): r is Record<string, unknown> => typeof r === "object" && r !== null) : [];
}

/** Agencies in force today: code and name. */
export function agencyOptions(document: unknown, today = new Date().toISOString().slice(0, 10)): [string, string][] {
  return rows(document, "agencies")
    .filter((r) => !(typeof r["valid_to"] === "string" && r["valid_to"] < today) && !(typeof r["valid_from"] === "string" && r["valid_from"].slice(0, 10) > today))
    .map((r): [string, string] => [String(r["code"] ?? ""), String(r["name"] ?? r["code"] ?? "")])
    .filter(([c]) => c !== "")
    .sort((a, b) => a[1].localeCompare(b[1], "vi"));
}

/** Roles with their names in the reader's language. */
export function roleOptions(document: unknown): [string, string][] {
  const found = new Map<string, string>();
  for (const r of rows(document, "roles")) {
    const names = (r["name"] ?? {}) as Record<string, string>;
    const role = String(r["role"] ?? "");
    if (role) found.set(role, names[language()] ?? names["vi"] ?? role);
  }
  return [...found];
}
