// Everything that the system has told the account.
import { useState } from "preact/hooks";
import { api, settle, type Schemas } from "../api/client";
import { isOfficer, who } from "../api/session";
import { code, t } from "../i18n";
import { accountWords } from "../i18n/account";
import { dateTime } from "../time";
import { Show, useLoad } from "../ui/load";
import { start } from "../ui/shell";

function Inbox() {
  const [older, setOlder] = useState<Schemas["Notice"][]>([]);
  const [next, setNext] = useState<string | undefined>();
  const first = useLoad(async () => {
    const out = await settle(api.GET("/v1/inbox"));
    if (out.ok) setNext(out.data.next);
    return out;
  });
  async function more() {
    const out = await settle(api.GET("/v1/inbox", { params: { query: { cursor: next } } }));
    if (!out.ok) return;
    setOlder([...older, ...out.data.notices]);
    setNext(out.data.next);
  }
  const page = isOfficer(who()) ? "/can-bo/phan-anh/" : "/phan-anh/";
  return (
    <>
      <h1>{t("inbox.title")}</h1>
      <Show of={first}>
        {(d) =>
          d.notices.length === 0 ? (
            <div class="notice">
              <h2>{t("inbox.empty")}</h2>
              <p>{t("inbox.emptyHint")}</p>
            </div>
          ) : (
            <>
              <ul class="cards">
                {[...d.notices, ...older].map((n) => (
                  <li class="card" key={n.id}>
                    <h2>{n.subject}</h2>
                    <p class="faint">
                      {dateTime(n.at)}
                      {n.channel !== "in_system" ? ` · ${code("inbox.outcome", n.outcome)}` : ""}
                    </p>
                    <p class="prose">{n.text}</p>
                    {n.report ? (
                      <p>
                        <a href={`${page}?ma=${encodeURIComponent(n.report)}`}>{t("inbox.open", { code: n.report })}</a>
                      </p>
                    ) : null}
                  </li>
                ))}
              </ul>
              {next ? (
                <button type="button" class="button" onClick={more}>
                  {t("more")}
                </button>
              ) : null}
            </>
          )
        }
      </Show>
    </>
  );
}

void start({ title: "inbox.title", areas: [accountWords], only: "signed" }, Inbox);
