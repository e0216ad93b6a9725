// The acts on one officer's account.
import { useMemo, useState } from "preact/hooks";
import { api, newKey, settle, type Schemas } from "../api/client";
import { t } from "../i18n";
import { SelectField, Send, TextField, ErrorSummary, useSending, type Errors } from "../ui/form";
import { Act } from "../desk/act";
import { length } from "../vietnamese";

type Account = Schemas["Account"];
type Options = [string, string][];

function Roles({ name, roles, chosen, set, error }: { name: string; roles: Options; chosen: string[]; set: (r: string[]) => void; error?: string }) {
  return (
    <fieldset class={error ? "field wrong" : "field"} id={name}>
      <legend>{t("admin.roles")}</legend>
      {error ? <p class="error">{error}</p> : null}
      {roles.map(([role, label]) => (
        <label class="choice" key={role}>
          <input type="checkbox" checked={chosen.includes(role)} onChange={(e) => set(e.currentTarget.checked ? [...chosen, role] : chosen.filter((r) => r !== role))} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Create({ agency, roles, done }: { agency: string; roles: Options; done: () => void }) {
  const [v, setAll] = useState({ name: "", logIn: "", email: "", roles: [] as string[] });
  const [made, setMade] = useState("");
  const { busy, errors, setErrors, send } = useSending();
  const key = useMemo(newKey, [JSON.stringify(v)]);
  const set = (part: Partial<typeof v>) => setAll({ ...v, ...part });
  async function submit(e: Event) {
    e.preventDefault();
    setMade("");
    const wrong: Errors = {};
    if (v.name.trim().length < 2) wrong["name"] = t("field.required", { field: t("account.name") });
    if (!/^[a-z0-9][a-z0-9._@+-]{2,}$/.test(v.logIn)) wrong["logIn"] = t("field.logIn");
    if (!/^\S+@\S+\.\S+$/.test(v.email.trim())) wrong["email"] = t("field.email");
    if (v.roles.length === 0) wrong["roles"] = t("field.choose", { field: t("admin.roles") });
    if (Object.keys(wrong).length > 0) return setErrors(wrong);
    const out = await send(() =>
      settle(
        api.POST("/v1/admin/officers", {
          params: { header: { "Idempotency-Key": key } },
          body: { agency, name: v.name.trim(), logIn: v.logIn, email: v.email.trim(), roles: v.roles },
        }),
      ),
    );
    if (!out?.ok) return;
    setMade(v.name.trim());
    setAll({ name: "", logIn: "", email: "", roles: [] });
    done();
  }
  return (
    <>
      <div role="status">{made ? <div class="notice good"><p>{t("admin.createDone", { name: made })}</p></div> : null}</div>
      <ErrorSummary errors={errors} />
      <form noValidate onSubmit={submit}>
        <TextField name="name" label={t("account.name")} error={errors["name"]} value={v.name} onValue={(name) => set({ name })} input={{ maxLength: 120, autocomplete: "off" }} />
        <TextField name="logIn" label={t("account.logIn")} hint={t("account.logInHint")} error={errors["logIn"]} value={v.logIn} onValue={(logIn) => set({ logIn: logIn.toLowerCase() })} input={{ maxLength: 64, autocomplete: "off" }} />
        <TextField name="email" label={t("admin.email")} error={errors["email"]} value={v.email} onValue={(email) => set({ email })} input={{ type: "email", maxLength: 200, autocomplete: "off" }} />
        <Roles name="roles" roles={roles} chosen={v.roles} set={(r) => set({ roles: r })} error={errors["roles"] ?? errors["roles[0]"]} />
        <Send busy={busy}>{t("admin.create")}</Send>
      </form>
    </>
  );
}

export function Change({ a, roles, agencies, done }: { a: Account; roles: Options; agencies: Options; done: () => void }) {
  const [agency, setAgency] = useState(a.agency ?? "");
  const [chosen, setChosen] = useState(a.roles ?? []);
  const [ended, setEnded] = useState(false);
  const [reason, setReason] = useState("");
  const { busy, errors, setErrors, send } = useSending();
  const body = {
    reason: reason.trim(),
    ...(agency !== a.agency ? { agency } : {}),
    ...(JSON.stringify(chosen) !== JSON.stringify(a.roles ?? []) ? { roles: chosen } : {}),
    ...(ended ? { dutyEnded: true } : {}),
  };
  const key = useMemo(newKey, [JSON.stringify(body)]);
  async function submit() {
    if (length(reason) < 5) return setErrors({ [`reason-${a.id}`]: t("field.short", { field: t("admin.reason"), n: 5 }) });
    const out = await send(() => settle(api.PATCH("/v1/admin/officers/{account}", { params: { path: { account: a.id }, header: { "Idempotency-Key": key } }, body })));
    if (out?.ok) done();
  }
  const id = (n: string) => `${n}-${a.id}`;
  return (
    <Act title={t("admin.change")} errors={errors} busy={busy} submit={() => void submit()} button={t("admin.saveChange")}>
      <SelectField name={id("agency")} label={t("admin.agency")} error={errors["agency"]} value={agency} options={agencies} onValue={setAgency} />
      <Roles name={id("roles")} roles={roles} chosen={chosen} set={setChosen} error={errors["roles"]} />
      <label class="choice">
        <input type="checkbox" checked={ended} onChange={(e) => setEnded(e.currentTarget.checked)} />
        <span>{t("admin.dutyEnded")}</span>
      </label>
      <TextField name={id("reason")} label={t("admin.reason")} error={errors[id("reason")] ?? errors["reason"]} value={reason} onValue={setReason} input={{ maxLength: 500 }} />
    </Act>
  );
}

export function Unlock({ a, done }: { a: Account; done: () => void }) {
  const [request, setRequest] = useState("");
  const { busy, errors, setErrors, send } = useSending();
  const key = useMemo(newKey, [request]);
  const id = `request-${a.id}`;
  async function submit() {
    if (length(request) < 5) return setErrors({ [id]: t("field.short", { field: t("admin.request"), n: 5 }) });
    const out = await send(() =>
      settle(api.POST("/v1/admin/accounts/{account}/unlock", { params: { path: { account: a.id }, header: { "Idempotency-Key": key } }, body: { request: request.trim() } })),
    );
    if (out?.ok) done();
  }
  return (
    <Act title={t("admin.unlock")} errors={errors} busy={busy} submit={() => void submit()} button={t("admin.unlock")}>
      <TextField name={id} label={t("admin.request")} error={errors[id] ?? errors["request"]} value={request} onValue={setRequest} input={{ maxLength: 500 }} />
    </Act>
  );
}
