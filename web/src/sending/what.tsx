// What it is: the category with its help, the text with counter and hint.
import { t } from "../i18n";
import type { Draft } from "../draft/store";
import { AreaField, Choices, TextField, type Errors } from "../ui/form";
import { lacksMarks, length } from "../vietnamese";
import { useCatalog } from "./catalog";

export const textMost = 2000;

export function What({ draft, set, errors }: { draft: Draft; set: (p: Partial<Draft>) => void; errors: Errors }) {
  const catalog = useCatalog();
  const n = length(draft.text);
  return (
    <>
      <Choices
        name="category"
        legend={t("send.category")}
        error={errors["category"]}
        value={draft.category}
        onValue={(category) => set({ category, categoryName: catalog.categories.find((c) => c.code === category)?.name ?? category })}
        choices={catalog.categories.map((c) => ({ value: c.code, label: c.name, ...(c.help ? { hint: c.help } : {}) }))}
      />
      <AreaField name="text" label={t("send.text")} hint={t("send.textHint")} error={errors["text"]} rows={7} value={draft.text} onValue={(text) => set({ text })} />
      <p class={n > textMost ? "counter over" : "counter"}>{t("send.counter", { n })}</p>
      <div role="status">
        {lacksMarks(draft.text) ? (
          <div class="notice warn">
            <p>{t("send.noMarks")}</p>
          </div>
        ) : null}
      </div>
      <TextField
        name="occurredAt"
        label={t("send.occurred")}
        optional
        error={errors["occurredAt"]}
        value={draft.occurred}
        onValue={(occurred) => set({ occurred })}
        input={{ type: "datetime-local" }}
      />
    </>
  );
}
