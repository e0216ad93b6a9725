// An officer's first password, by the code that was sent to the work address.
import { useState } from "preact/hooks";
import { api, settle } from "../api/client";
import { t } from "../i18n";
import { accountWords } from "../i18n/account";
import { ErrorSummary, Password, Send, TextField, useSending, type Errors } from "../ui/form";
import { fragment } from "../ui/fragment";
import { start } from "../ui/shell";

function Activate() {
  const given = fragment();
  const [logIn, setLogIn] = useState(given.get("ten") ?? "");
  const [code, setCode] = useState(given.get("ma") ?? "");
  const [password, setPassword] = useState("");
  const [done, setDone] = useState(false);
  const { busy, errors, setErrors, send } = useSending();

  async function submit(e: Event) {
    e.preventDefault();
    const wrong: Errors = {};
    if (logIn.trim().length < 3) wrong["logIn"] = t("field.required", { field: t("account.logIn") });
    if (code.trim().length < 6) wrong["code"] = t("field.required", { field: t("activate.code") });
    if (password.length < 10) wrong["password"] = t("field.short", { field: t("account.password"), n: 10 });
    if (Object.keys(wrong).length > 0) return setErrors(wrong);
    const out = await send(() => settle(api.POST("/v1/officers/activation", { body: { logIn: logIn.trim(), code: code.trim(), password } })));
    if (out?.ok) setDone(true);
  }
  if (done) {
    return (
      <>
        <h1>{t("activate.done")}</h1>
        <a class="button main" href="/dang-nhap/">
          {t("logIn.button")}
        </a>
      </>
    );
  }
  return (
    <>
      <ErrorSummary errors={errors} />
      <h1>{t("activate.title")}</h1>
      <form noValidate onSubmit={submit}>
        <TextField name="logIn" label={t("account.logIn")} error={errors["logIn"]} value={logIn} onValue={setLogIn} input={{ autocomplete: "username", autocapitalize: "none", maxLength: 64 }} />
        <TextField name="code" label={t("activate.code")} error={errors["code"]} value={code} onValue={setCode} input={{ autocomplete: "one-time-code", autocapitalize: "none", spellcheck: false, maxLength: 40 }} />
        <Password name="password" fresh label={t("account.password")} hint={t("account.passwordHint")} error={errors["password"]} value={password} onValue={setPassword} />
        <Send busy={busy}>{t("activate.button")}</Send>
      </form>
    </>
  );
}

void start({ title: "activate.title", areas: [accountWords] }, Activate);
