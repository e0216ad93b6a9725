// The transfer slip: only on paper.
import { t } from "../i18n";
import { dateTime } from "../time";
import { Rows } from "../ui/state";
import type { Detail } from "./act";

export function Slip({ d }: { d: Detail }) {
  const a = d.assignments[d.assignments.length - 1];
  if (!a) return null;
  const handling = a.clocks.find((c) => c.name === "handling");
  return (
    <section class="slip">
      <h2>{t("report.slip")}</h2>
      <Rows
        rows={[
          [t("queue.code"), d.id],
          [t("own.category"), d.categoryName ?? d.category],
          [t("own.place"), [d.address, d.communeName ?? d.commune].filter(Boolean).join("\n")],
          [t("own.sent"), dateTime(d.submittedAt)],
          [t("report.text"), d.text],
          [t("admin.agency"), a.agencyName ?? a.agency],
          [t("event.report.transferred"), dateTime(a.transferredAt)],
          [t("queue.due"), dateTime(handling?.due)],
          [t("report.basis"), a.legalBasis],
        ]}
      />
      <p class="sign">{t("report.slipSign")}</p>
    </section>
  );
}
