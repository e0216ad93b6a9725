// Proves an e-mail address. The link of the message carries name and code in the
// fragment, which no browser sends to a server.
import { useState } from "preact/hooks";
import { api, settle } from "../api/client";
import { t } from "../i18n";
import { accountWords } from "../i18n/account";
import { ErrorSummary, Send, TextField, useSending, type Errors } from "../ui/form";
import { fragment } from "../ui/fragment";
import { start } from "../ui/shell";

function Verify() {
  const given = fragment();
  const [logIn, setLogIn] = useState(given.get("ten") ?? "");
  const [code, setCode] = useState(given.get("ma") ?? "");
  const [done, setDone] = useState(false);
  const [again, setAgain] = useState(false);
  const { busy, errors, setErrors, send } = useSending();

  function named(): boolean {
    if (logIn.trim().length >= 3) return true;
    setErrors({ logIn: t("field.required", { field: t("account.logIn") }) });
    return false;
  }
  async function submit(e: Event) {
    e.preventDefault();
    const wrong: Errors = {};
    if (logIn.trim().length < 3) wrong["logIn"] = t("field.required", { field: t("account.logIn") });
    if (code.trim().length < 6) wrong["code"] = t("field.required", { field: t("verify.code") });
    if (Object.keys(wrong).length > 0) return setErrors(wrong);
    const out = await send(() => settle(api.POST("/v1/accounts/verification", { body: { logIn: logIn.trim(), code: code.trim() } })));
    if (out?.ok) setDone(true);
  }
  async function resend() {
    if (!named()) return;
    const out = await send(() => settle(api.POST("/v1/accounts/verification-request", { body: { logIn: logIn.trim() } })));
    setAgain(out?.ok ?? false);
  }

  if (done) {
    return (
      <>
        <h1>{t("verify.done")}</h1>
        <p>{t("verify.doneText")}</p>
        <a class="button main" href="/dang-nhap/?ve=/gui-phan-anh/">
          {t("logIn.button")}
        </a>
      </>
    );
  }
  return (
    <>
      <ErrorSummary errors={errors} />
      <h1>{t("verify.title")}</h1>
      <p>{t("verify.sent")}</p>
      <form noValidate onSubmit={submit}>
        <TextField name="logIn" label={t("account.logIn")} error={errors["logIn"]} value={logIn} onValue={setLogIn} input={{ autocomplete: "username", autocapitalize: "none", maxLength: 64 }} />
        <TextField name="code" label={t("verify.code")} error={errors["code"]} value={code} onValue={setCode} input={{ autocomplete: "one-time-code", autocapitalize: "none", spellcheck: false, maxLength: 40 }} />
        <Send busy={busy}>{t("verify.button")}</Send>
        <button type="button" class="button" onClick={resend}>
          {t("verify.again")}
        </button>
        <p role="status">{again ? t("verify.againDone") : ""}</p>
      </form>
    </>
  );
}

void start({ title: "verify.title", areas: [accountWords] }, Verify);
