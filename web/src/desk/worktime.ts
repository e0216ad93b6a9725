// What is left of a due time in working time. The calendar is the API's: one question
// gives the next sessions, and everything else is counted here.
import { useEffect, useState } from "preact/hooks";
import { api, settle } from "../api/client";
import { t } from "../i18n";

export interface Session {
  from: number;
  to: number;
}

const reach = 80; // working hours asked for, about two weeks

/** Working minutes from now to an instant, or null where the sessions do not reach it. */
export function minutesLeft(sessions: Session[], now: number, due: number): number | null {
  const last = sessions[sessions.length - 1];
  if (!last || due > last.to) return null;
  let sum = 0;
  for (const s of sessions) sum += Math.max(0, Math.min(s.to, due) - Math.max(s.from, now));
  return Math.floor(sum / 60_000);
}

export function spoken(minutes: number): string {
  return minutes < 60 ? t("left.minutes", { n: minutes }) : t("left.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** The countdown of a due time as people read it. */
export function left(sessions: Session[], now: number, due: number): string {
  if (due < now) return t("left.late", { left: spoken(Math.floor((now - due) / 60_000)) });
  if (sessions.length === 0) return "";
  const minutes = minutesLeft(sessions, now, due);
  return minutes === null ? t("left.far", { n: reach }) : spoken(minutes);
}

export function useSessions(): Session[] {
  const [sessions, set] = useState<Session[]>([]);
  useEffect(() => {
    void (async () => {
      const query = { from: new Date().toISOString(), hours: reach, kind: "working" as const };
      const out = await settle(api.GET("/v1/worktime/due", { params: { query } }));
      if (!out.ok) return;
      set(out.data.steps.filter((s) => s.minutes > 0).map((s) => ({ from: Date.parse(s.from), to: Date.parse(s.to) })));
    })();
  }, []);
  return sessions;
}

/** The time, told anew every half minute. */
export function useNow(): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
