// Contact data behind a logged act (R13, reading A14).
import { useMemo, useState } from "preact/hooks";
import { api, newKey, settle, type Schemas } from "../api/client";
import { t } from "../i18n";
import { TextField, useSending } from "../ui/form";
import { Rows } from "../ui/state";
import { length } from "../vietnamese";
import { Act } from "./act";

export function Contact({ report }: { report: string }) {
  const [reason, setReason] = useState("");
  const [shown, setShown] = useState<Schemas["ContactOutputBody"] | null>(null);
  const { busy, errors, setErrors, send } = useSending();
  const key = useMemo(newKey, [reason]);
  async function submit() {
    if (length(reason) < 5) return setErrors({ "contact-reason": t("field.short", { field: t("act.contactReason"), n: 5 }) });
    const out = await send(() =>
      settle(api.POST("/v1/reports/{report}/contact", { params: { path: { report }, header: { "Idempotency-Key": key } }, body: { reason: reason.trim() } })),
    );
    if (out?.ok) setShown(out.data);
  }
  if (shown) {
    return (
      <div class="notice" role="status">
        <Rows
          rows={[
            [t("account.name"), shown.name],
            [t("account.phone"), shown.phone ?? ""],
            [t("account.email"), shown.email ?? ""],
          ]}
        />
        <p class="faint">{t("act.contactLogged", { audit: shown.audit })}</p>
      </div>
    );
  }
  return (
    <Act title={t("act.contact")} errors={errors} busy={busy} submit={() => void submit()} button={t("act.contactShow")}>
      <TextField name="contact-reason" label={t("act.contactReason")} hint={t("act.contactHint")} error={errors["contact-reason"] ?? errors["reason"]} value={reason} onValue={setReason} input={{ maxLength: 500, autocomplete: "off" }} />
    </Act>
  );
}
