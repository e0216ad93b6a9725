// Officers' accounts: those of one agency, a new one, changes, unlocking.
import "../style/desk.css";
import { useState } from "preact/hooks";
import { api, settle, type Schemas } from "../api/client";
import { may } from "../api/session";
import { Change, Create, Unlock } from "../administration/officer";
import { agencyOptions, roleOptions } from "../administration/lists";
import { code, t } from "../i18n";
import { accountWords } from "../i18n/account";
import { deskWords } from "../i18n/desk";
import { SelectField } from "../ui/form";
import { Show, useLoad } from "../ui/load";
import { start } from "../ui/shell";

type Account = Schemas["Account"];

function Row({ a, roles, agencies, done }: { a: Account; roles: [string, string][]; agencies: [string, string][]; done: () => void }) {
  return (
    <li class="card">
      <h2>{a.name}</h2>
      <p class="faint">
        {a.logIn} · {a.email} · {(a.roles ?? []).map((r) => code("role", r)).join(", ")}
      </p>
      <p>
        <strong class={a.locked ? "tag bad" : "tag good"}>{a.locked ? t("admin.locked", { why: code("lock", a.lockReason ?? "") }) : t("admin.active")}</strong>
      </p>
      <div class="acts">
        <Change a={a} roles={roles} agencies={agencies} done={done} />
        {a.locked && may("accounts.unlock") ? <Unlock a={a} done={done} /> : null}
      </div>
    </li>
  );
}

function List({ agency, roles, agencies }: { agency: string; roles: [string, string][]; agencies: [string, string][] }) {
  const list = useLoad(() => settle(api.GET("/v1/admin/officers", { params: { query: { agency, limit: 100 } } })), [agency]);
  return (
    <>
      <Show of={list}>
        {(d) =>
          d.officers.length === 0 ? (
            <div class="notice">
              <p>{t("admin.none")}</p>
            </div>
          ) : (
            <ul class="cards">
              {d.officers.map((a) => (
                <Row a={a} key={a.id} roles={roles} agencies={agencies} done={() => void list.again()} />
              ))}
            </ul>
          )
        }
      </Show>
      <h2>{t("admin.create")}</h2>
      <Create agency={agency} roles={roles} done={() => void list.again()} key={agency} />
    </>
  );
}

function Officers() {
  const asked = new URLSearchParams(location.search).get("co-quan") ?? "";
  const [agency, setAgency] = useState(asked);
  const lists = useLoad(async () => {
    const agencies = await settle(api.GET("/v1/admin/settings/{kind}", { params: { path: { kind: "agencies" } } }));
    if (!agencies.ok) return agencies;
    const roles = await settle(api.GET("/v1/admin/settings/{kind}", { params: { path: { kind: "roles" } } }));
    if (!roles.ok) return roles;
    return { ok: true as const, etag: "", data: { agencies: agencyOptions(agencies.data.document), roles: roleOptions(roles.data.document) } };
  });
  return (
    <>
      <h1>{t("admin.officers")}</h1>
      <Show of={lists}>
        {(d) => (
          <>
            <SelectField
              name="agency-choice"
              label={t("admin.agency")}
              value={agency}
              empty={t("admin.chooseAgency")}
              options={d.agencies}
              onValue={(v) => {
                setAgency(v);
                history.replaceState(null, "", v ? `?co-quan=${encodeURIComponent(v)}` : location.pathname);
              }}
            />
            {agency ? <List agency={agency} roles={d.roles} agencies={d.agencies} /> : null}
          </>
        )}
      </Show>
    </>
  );
}

void start({ title: "admin.officers", areas: [deskWords, accountWords], only: "officer", right: "officers.write", wide: true }, Officers);
