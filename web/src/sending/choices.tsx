// Publicity (9.4) and where messages go (10.2).
import { who } from "../api/session";
import { t } from "../i18n";
import type { Draft } from "../draft/store";
import { Choices, type Errors } from "../ui/form";

export function Publicity({ draft, set, errors }: { draft: Draft; set: (p: Partial<Draft>) => void; errors: Errors }) {
  return (
    <>
      <Choices
        name="publicity"
        legend={t("send.publicity")}
        error={errors["publicity"]}
        value={draft.publicity}
        onValue={(v) => set({ publicity: v as Draft["publicity"] })}
        choices={[
          { value: "hidden", label: t("send.hidden"), hint: t("send.hiddenHint") },
          { value: "name_shown", label: t("send.nameShown"), hint: t("send.nameShownHint") },
        ]}
      />
      <Choices
        name="notice"
        legend={t("send.notice")}
        error={errors["notice"]}
        value="email"
        onValue={() => undefined}
        choices={[{ value: "email", label: t("send.noticeEmail"), hint: t("send.noticeEmailHint") }]}
      />
      {who()?.verified ? null : (
        <div class="notice warn">
          <p>
            {t("send.unverified")} <a href="/xac-minh/">{t("send.verify")}</a>
          </p>
        </div>
      )}
    </>
  );
}
