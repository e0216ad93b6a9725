import { start } from "../ui/shell";
import { t } from "../i18n";

function Missing() {
  return (
    <>
      <h1>{t("missing.title")}</h1>
      <p>{t("missing.text")}</p>
      <p>
        <a href="/">{t("nav.start")}</a>
      </p>
    </>
  );
}

void start({ title: "missing.title" }, Missing);
