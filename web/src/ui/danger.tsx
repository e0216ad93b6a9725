import { t } from "../i18n";

/** Where lives are in danger nobody shall wait for a report. */
export function Danger() {
  return (
    <div class="notice danger">
      <h2>{t("danger.title")}</h2>
      <p>{t("danger.text")}</p>
    </div>
  );
}
