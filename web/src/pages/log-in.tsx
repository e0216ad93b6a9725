// Logging in; afterwards the person is where they came from.
import { useState } from "preact/hooks";
import { api, settle } from "../api/client";
import { isOfficer, remember, safeReturn } from "../api/session";
import { t } from "../i18n";
import { accountWords } from "../i18n/account";
import { ErrorSummary, Password, Send, TextField, useSending, type Errors } from "../ui/form";
import { start } from "../ui/shell";

function LogIn() {
  const [logIn, setLogIn] = useState("");
  const [password, setPassword] = useState("");
  const { busy, errors, setErrors, send } = useSending();
  const back = new URLSearchParams(location.search).get("ve");

  async function submit(e: Event) {
    e.preventDefault();
    const missing: Errors = {};
    if (!logIn.trim()) missing["logIn"] = t("field.required", { field: t("account.logIn") });
    if (!password) missing["password"] = t("field.required", { field: t("account.password") });
    if (Object.keys(missing).length > 0) return setErrors(missing);
    const device = navigator.userAgent.slice(0, 100);
    const out = await send(() => settle(api.POST("/v1/sessions", { body: { logIn: logIn.trim().toLowerCase(), password, device } })));
    if (!out?.ok) return;
    const account = await send(() => settle(api.GET("/v1/account")));
    if (!account?.ok) return;
    const w = remember(account.data);
    location.assign(safeReturn(back, isOfficer(w) ? "/can-bo/" : "/phan-anh-cua-toi/"));
  }

  return (
    <>
      <ErrorSummary errors={errors} />
      <h1>{t("logIn.title")}</h1>
      <form noValidate onSubmit={submit}>
        <TextField
          name="logIn"
          label={t("account.logIn")}
          error={errors["logIn"]}
          value={logIn}
          onValue={setLogIn}
          input={{ autocomplete: "username", autocapitalize: "none", spellcheck: false, maxLength: 64 }}
        />
        <Password name="password" label={t("account.password")} error={errors["password"]} value={password} onValue={setPassword} />
        <p class="hint">{t("logIn.locked")}</p>
        <Send busy={busy}>{t("logIn.button")}</Send>
      </form>
      <p>
        {t("logIn.new")} <a href="/dang-ky/">{t("nav.register")}</a>
      </p>
    </>
  );
}

void start({ title: "logIn.title", areas: [accountWords] }, LogIn);
