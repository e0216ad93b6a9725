// The frame of every page: skip link, head with the sections of who is logged in,
// the notice that the line is gone, foot. start draws a page into it.
import "../style/base.css";
import type { ComponentChildren } from "preact";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { begin, choose, chosen, t, type Area, type Key } from "../i18n";
import { waiting } from "../draft/waiting";
import { isOfficer, logInAddress, may, who } from "../api/session";

export interface Frame {
  title: Key;
  areas?: Area[];
  only?: "reporter" | "officer" | "signed";
  right?: string;
  wide?: boolean;
}

interface Section {
  href: string;
  key: Key;
}

function sections(): Section[] {
  const w = who();
  const open: Section[] = [
    { href: "/cong-khai/", key: "nav.published" },
    { href: "/tra-cuu/", key: "nav.track" },
    { href: "/huong-dan/", key: "nav.guide" },
  ];
  if (!w) return [{ href: "/gui-phan-anh/", key: "nav.send" }, ...open, { href: "/dang-ky/", key: "nav.register" }, { href: "/dang-nhap/", key: "nav.logIn" }];
  const own: Section[] = isOfficer(w)
    ? [
        ...(may("settings.write") || may("officers.write")
          ? ([
              { href: "/quan-tri/", key: "nav.officers" },
              { href: "/quan-tri/thiet-lap/", key: "nav.settings" },
            ] as Section[])
          : []),
        { href: "/can-bo/", key: "nav.queue" },
      ]
    : [
        { href: "/gui-phan-anh/", key: "nav.send" },
        { href: "/phan-anh-cua-toi/", key: "nav.mine" },
      ];
  return [...own, { href: "/hop-thu/", key: "nav.inbox" }, ...open, { href: "/tai-khoan/", key: "nav.account" }];
}

function Head() {
  const [open, setOpen] = useState(false);
  const here = location.pathname;
  return (
    <header class="top">
      <div class="wide top-row">
        <a class="brand" href="/">
          {t("service")}
        </a>
        <div class="top-tools">
          <button type="button" class="plain" lang={chosen() === "en" ? "vi" : "en"} onClick={() => choose(chosen() === "en" ? "vi" : "en")}>
            {t("language.other")}
          </button>
          <button type="button" class="plain menu" aria-expanded={open} aria-controls="sections" onClick={() => setOpen(!open)}>
            {t("nav.menu")}
          </button>
        </div>
      </div>
      <nav id="sections" class={open ? "sections open" : "sections"} aria-label={t("nav")}>
        <ul class="wide">
          {sections().map((s) => (
            <li key={s.href}>
              <a href={s.href} aria-current={here === s.href ? "page" : undefined}>
                {t(s.key)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
}

function Line() {
  const [line, setLine] = useState(navigator.onLine);
  useEffect(() => {
    const change = () => setLine(navigator.onLine);
    addEventListener("online", change);
    addEventListener("offline", change);
    return () => {
      removeEventListener("online", change);
      removeEventListener("offline", change);
    };
  }, []);
  return (
    <div role="status">
      {line ? null : (
        <p class="line">
          <span class="wide">{t("offline")}</span>
        </p>
      )}
    </div>
  );
}

function Barred({ title, text, logIn }: { title: Key; text: Key; logIn?: boolean }) {
  return (
    <>
      <h1>{t(title)}</h1>
      <p>{t(text)}</p>
      {logIn ? (
        <p>
          <a class="button main" href={logInAddress()}>
            {t("logIn.button")}
          </a>{" "}
          <a class="button" href="/dang-ky/">
            {t("nav.register")}
          </a>
        </p>
      ) : null}
    </>
  );
}

function guarded(frame: Frame, children: ComponentChildren): ComponentChildren {
  if (!frame.only) return children;
  const w = who();
  if (!w) return <Barred title="needLogIn.title" text="needLogIn.text" logIn />;
  if (frame.only === "officer" && !isOfficer(w)) return <Barred title="noRights.title" text="noRights.officer" />;
  if (frame.only === "reporter" && isOfficer(w)) return <Barred title="noRights.title" text="noRights.reporter" />;
  if (frame.right && !may(frame.right)) return <Barred title="noRights.title" text="noRights.right" />;
  return children;
}

/** Draws a page once its words are there. */
export async function start(frame: Frame, Body: () => ComponentChildren): Promise<void> {
  await begin(frame.areas);
  document.title = `${t(frame.title)} – ${t("service")}`;
  const app = document.getElementById("app");
  if (!app) throw new Error("the page has no #app");
  app.replaceChildren();
  render(
    <>
      <a class="skip" href="#main">
        {t("skip")}
      </a>
      <Head />
      <Line />
      <main id="main" tabIndex={-1} class={frame.wide ? "wide desk" : "wide"}>
        {guarded(frame, <Body />)}
      </main>
      <footer class="foot">
        <div class="wide">
          <p>{t("footer.text")}</p>
        </div>
      </footer>
    </>,
    app,
  );
  waiting();
}
