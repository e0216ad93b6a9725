// What the signature check found, in plain words. The contract leaves the evidence
// free, so every field is read with care.
import { t } from "../i18n";
import { dateTime } from "../time";
import { Rows } from "./state";

interface Signature {
  subject: string;
  issuer: string;
  signedAt: string;
}

export interface Evidence {
  judgedAt: string;
  signatures: Signature[];
}

function text(v: unknown): string {
  return typeof v === "string" ? v : "";
}

export function evidenceOf(verdict: unknown): Evidence | null {
  if (typeof verdict !== "object" || verdict === null) return null;
  const v = verdict as Record<string, unknown>;
  if (!Array.isArray(v["signatures"])) return null;
  const signatures = v["signatures"].map((s: unknown) => {
    const one = (typeof s === "object" && s !== null ? s : {}) as Record<string, unknown>;
    return { subject: commonName(text(one["subject"])), issuer: commonName(text(one["issuer"])), signedAt: text(one["signedAt"]) };
  });
  return { judgedAt: text(v["judgedAt"]), signatures };
}

/** The common name of a distinguished name as RFC 2253 writes it. */
export function commonName(name: string): string {
  const found = /(?:^|[,+])CN=((?:\\.|[^,+\\])*)/.exec(name);
  return found?.[1] ? found[1].replace(/\\(.)/g, "$1") : name;
}

export function Verdict({ verdict }: { verdict: unknown }) {
  const e = evidenceOf(verdict);
  if (!e) return null;
  return (
    <Rows
      rows={[
        [t("own.verdict"), t("own.verdictGood", { n: e.signatures.length, when: dateTime(e.judgedAt) })],
        ...e.signatures.map((s, i): [string, string] => [
          `${i + 1}.`,
          t("own.signature", { subject: s.subject, issuer: s.issuer, when: dateTime(s.signedAt) }),
        ]),
      ]}
    />
  );
}
