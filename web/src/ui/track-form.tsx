import { useState } from "preact/hooks";
import { readCode } from "../code";
import { t } from "../i18n";
import { TextField } from "./form";

/** Asks for a tracking code and leads to what it shows. */
export function TrackForm({ value = "" }: { value?: string }) {
  const [typed, type] = useState(value);
  const [wrong, setWrong] = useState("");
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        const code = readCode(typed);
        if (!code) {
          setWrong(t("track.wrong"));
          document.getElementById("ma")?.focus();
          return;
        }
        location.assign(`/tra-cuu/?ma=${encodeURIComponent(code)}`);
      }}
    >
      <TextField
        name="ma"
        label={t("track.code")}
        hint={t("track.hint")}
        error={wrong}
        value={typed}
        onValue={type}
        input={{ autocomplete: "off", autocapitalize: "characters", spellcheck: false, maxLength: 40 }}
      />
      <button class="button" type="submit">
        {t("track.find")}
      </button>
    </form>
  );
}
