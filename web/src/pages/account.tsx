// The account itself: who it is, its sessions, and the choices of this device.
import { useState } from "preact/hooks";
import { api, settle, type Schemas } from "../api/client";
import { forget } from "../api/session";
import { code, t } from "../i18n";
import { accountWords } from "../i18n/account";
import { dateTime } from "../time";
import { ErrorSummary, useSending } from "../ui/form";
import { Show, useLoad } from "../ui/load";
import { start } from "../ui/shell";
import { Rows } from "../ui/state";
import { keyboardOn, setKeyboard } from "../ui/keyboard";

function Who({ a }: { a: Schemas["Account"] }) {
  return (
    <Rows
      rows={[
        [t("account.name"), a.name],
        [t("account.logIn"), a.logIn],
        [t("account.email"), a.email ? `${a.email} (${t(a.verified ? "my.verified" : "my.unverified")})` : ""],
        [t("account.phone"), a.phone ?? ""],
        [t("my.agency"), a.agency ?? ""],
        [t("my.roles"), (a.roles ?? []).map((r) => code("role", r)).join(", ")],
      ]}
    />
  );
}

function Sessions() {
  const list = useLoad(() => settle(api.GET("/v1/sessions")));
  const { errors, send } = useSending();
  const leave = () => {
    forget();
    location.assign("/");
  };
  async function end(s: Schemas["Session"]) {
    const out = await send(() => settle(api.DELETE("/v1/sessions/{session}", { params: { path: { session: s.id } } })));
    if (out?.ok) await list.again();
  }
  async function endAll() {
    const out = await send(() => settle(api.DELETE("/v1/sessions")));
    if (out?.ok) leave();
  }
  return (
    <Show of={list}>
      {(d) => (
        <>
          <ErrorSummary errors={errors} />
          <ul class="cards">
            {d.sessions.map((s) => (
              <li class="card" key={s.id}>
                <p>
                  {s.device || t("my.unnamed")} {s.current ? <strong>({t("my.current")})</strong> : null}
                </p>
                <p class="faint">{t("my.since", { when: dateTime(s.created) })}</p>
                {s.current ? null : (
                  <button type="button" class="button small" onClick={() => end(s)}>
                    {t("my.end")}
                  </button>
                )}
              </li>
            ))}
          </ul>
          <p class="hint">{t("my.endAllHint")}</p>
          <button type="button" class="button danger" onClick={endAll}>
            {t("my.endAll")}
          </button>
        </>
      )}
    </Show>
  );
}

function Account() {
  const account = useLoad(() => settle(api.GET("/v1/account")));
  const [keys, setKeys] = useState(keyboardOn());
  const { errors, send } = useSending();
  async function logOut() {
    const out = await send(() => settle(api.DELETE("/v1/sessions/current")));
    if (out?.ok || out?.problem.status === 401) {
      forget();
      location.assign("/");
    }
  }
  return (
    <>
      <ErrorSummary errors={errors} />
      <h1>{t("my.title")}</h1>
      <Show of={account}>
        {(a) => (
          <>
            <Who a={a} />
            <button type="button" class="button" onClick={logOut}>
              {t("my.logOut")}
            </button>
            {a.kind === "officer" ? (
              <>
                <h2>{t("my.choices")}</h2>
                <label class="choice">
                  <input
                    type="checkbox"
                    checked={keys}
                    onChange={(e) => {
                      setKeyboard(e.currentTarget.checked);
                      setKeys(e.currentTarget.checked);
                    }}
                  />
                  <span>{t("my.keyboard")}</span>
                </label>
              </>
            ) : null}
            <h2>{t("my.sessions")}</h2>
            <Sessions />
          </>
        )}
      </Show>
    </>
  );
}

void start({ title: "my.title", areas: [accountWords], only: "signed" }, Account);
