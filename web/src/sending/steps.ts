// The steps of the form, and what each asks before the next.
import { t } from "../i18n";
import type { Draft } from "../draft/store";
import type { Errors } from "../ui/form";
import { length } from "../vietnamese";

export const steps = ["photos", "place", "what", "choices", "check"] as const;
export type Step = (typeof steps)[number];

export function isStep(s: string | null): s is Step {
  return steps.includes(s as Step);
}

/** What is missing in a step; the API checks everything again. */
export function missing(step: Step, d: Draft): Errors {
  const wrong: Errors = {};
  if (step === "place" && !d.point) {
    if (!d.commune) wrong["commune"] = t("send.placeMissing");
    if (!d.address.trim()) wrong["address"] = t("send.placeMissing");
  }
  if (step === "what") {
    if (!d.category) wrong["category"] = t("field.choose", { field: t("send.category") });
    const n = length(d.text);
    if (n < 5 || n > 2000) wrong["text"] = t("send.textHint");
  }
  return wrong;
}

/** The step in which a field of the API stands. */
export function stepOf(field: string): Step {
  if (field.startsWith("uploads")) return "photos";
  if (/^(point|commune|address)/.test(field)) return "place";
  if (/^(text|category|occurredAt)/.test(field)) return "what";
  if (/^(publicity|notice)/.test(field)) return "choices";
  return "check";
}
