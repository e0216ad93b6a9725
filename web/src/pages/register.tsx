// Registration of a reporter's account (R14).
import { useMemo, useState } from "preact/hooks";
import { api, newKey, settle } from "../api/client";
import { language, t } from "../i18n";
import { accountWords } from "../i18n/account";
import { Choices, ErrorSummary, Password, Send, TextField, useSending, type Errors } from "../ui/form";
import { start } from "../ui/shell";

interface Typed {
  kind: "individual" | "organisation";
  name: string;
  logIn: string;
  password: string;
  email: string;
  phone: string;
}

function check(v: Typed): Errors {
  const wrong: Errors = {};
  const name = t(v.kind === "individual" ? "account.name" : "account.orgName");
  if (v.name.trim().length < 2) wrong["name"] = t("field.required", { field: name });
  if (v.logIn.trim().length < 3) wrong["logIn"] = t("field.short", { field: t("account.logIn"), n: 3 });
  else if (!/^[a-z0-9][a-z0-9._@+-]*$/.test(v.logIn.trim())) wrong["logIn"] = t("field.logIn");
  if (v.password.length < 10) wrong["password"] = t("field.short", { field: t("account.password"), n: 10 });
  if (!/^\S+@\S+\.\S+$/.test(v.email.trim())) wrong["email"] = t("field.email");
  if (v.phone && !/^(\+84|0)[0-9]{9,10}$/.test(v.phone.replace(/[\s.-]/g, ""))) wrong["phone"] = t("field.phone");
  return wrong;
}

function Register() {
  const [v, setAll] = useState<Typed>({ kind: "individual", name: "", logIn: "", password: "", email: "", phone: "" });
  const { busy, errors, setErrors, send } = useSending();
  const body = JSON.stringify(v);
  const key = useMemo(newKey, [body]); // the same body keeps its key, so that a repeat makes no second account
  const set = (part: Partial<Typed>) => setAll({ ...v, ...part });

  async function submit(e: Event) {
    e.preventDefault();
    const wrong = check(v);
    if (Object.keys(wrong).length > 0) return setErrors(wrong);
    const phone = v.phone.replace(/[\s.-]/g, "");
    const out = await send(() =>
      settle(
        api.POST("/v1/accounts", {
          params: { header: { "Idempotency-Key": key } },
          body: {
            kind: v.kind,
            name: v.name.trim(),
            logIn: v.logIn.trim(),
            password: v.password,
            email: v.email.trim(),
            language: language() === "en" ? "en" : "vi",
            ...(phone ? { phone } : {}),
          },
        }),
      ),
    );
    if (out?.ok) location.assign(`/xac-minh/#ten=${encodeURIComponent(v.logIn.trim())}`);
  }

  const nameLabel = t(v.kind === "individual" ? "account.name" : "account.orgName");
  return (
    <>
      <ErrorSummary errors={errors} />
      <h1>{t("register.title")}</h1>
      <form noValidate onSubmit={submit}>
        <Choices
          name="kind"
          legend={t("account.kind")}
          value={v.kind}
          onValue={(kind) => set({ kind: kind as Typed["kind"] })}
          choices={[
            { value: "individual", label: t("account.individual") },
            { value: "organisation", label: t("account.organisation") },
          ]}
        />
        <TextField name="name" label={nameLabel} error={errors["name"]} value={v.name} onValue={(name) => set({ name })} input={{ autocomplete: "name", maxLength: 120 }} />
        <TextField name="email" label={t("account.email")} hint={t("account.emailHint")} error={errors["email"]} value={v.email} onValue={(email) => set({ email })} input={{ type: "email", autocomplete: "email", maxLength: 200 }} />
        <TextField name="phone" label={t("account.phone")} optional error={errors["phone"]} value={v.phone} onValue={(phone) => set({ phone })} input={{ type: "tel", autocomplete: "tel", maxLength: 20 }} />
        <TextField name="logIn" label={t("account.logIn")} hint={t("account.logInHint")} error={errors["logIn"]} value={v.logIn} onValue={(logIn) => set({ logIn: logIn.toLowerCase() })} input={{ autocomplete: "username", autocapitalize: "none", spellcheck: false, maxLength: 64 }} />
        <Password name="password" fresh label={t("account.password")} hint={t("account.passwordHint")} error={errors["password"]} value={v.password} onValue={(password) => set({ password })} />
        <p class="hint">{t("register.privacy")}</p>
        <Send busy={busy}>{t("register.button")}</Send>
      </form>
      <p>
        {t("register.have")} <a href="/dang-nhap/">{t("nav.logIn")}</a>
      </p>
    </>
  );
}

void start({ title: "register.title", areas: [accountWords] }, Register);
