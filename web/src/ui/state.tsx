// How states and time limits look: a tag with words, never colour alone.
import type { Schemas } from "../api/client";
import { code, t } from "../i18n";
import { dateTime } from "../time";

const tones: Record<string, string> = {
  published: "good",
  answered: "good",
  refused: "bad",
  withdrawn: "calm",
  returned: "warn",
  processing: "busy",
  received: "busy",
};

export function Tag({ state, of = "state" }: { state: string; of?: "state" | "part" }) {
  return <strong class={`tag ${tones[state] ?? "new"}`}>{code(of, state)}</strong>;
}

type Clock = Schemas["Clock"];

export function clockTone(c: Clock, now = Date.now()): "onTime" | "late" | "running" {
  if (c.onTime !== undefined) return c.onTime ? "onTime" : "late";
  return new Date(c.due).getTime() < now ? "late" : "running";
}

export function Clocks({ clocks }: { clocks: Clock[] }) {
  if (clocks.length === 0) return null;
  return (
    <ul class="clocks">
      {clocks.map((c) => {
        const tone = clockTone(c);
        return (
          <li key={c.name + c.start}>
            <span class="clock-name">{code("clock", c.name)}</span>
            <span>{c.done ? t("clock.done", { when: dateTime(c.done) }) : t("clock.due", { when: dateTime(c.due) })}</span>
            <strong class={`tag ${tone === "late" ? "bad" : tone === "onTime" ? "good" : "new"}`}>{t(`clock.${tone}`)}</strong>
          </li>
        );
      })}
    </ul>
  );
}

export function Rows({ rows }: { rows: [string, preact.ComponentChildren, preact.ComponentChildren?][] }) {
  return (
    <dl class="rows">
      {rows
        .filter(([, value]) => value !== "" && value !== undefined && value !== null)
        .map(([name, value, action]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
            {action ? <dd class="row-action">{action}</dd> : null}
          </div>
        ))}
    </dl>
  );
}
