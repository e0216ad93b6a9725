// The history of a report in plain words.
import type { Schemas } from "../api/client";
import { code, t } from "../i18n";
import { dateTime } from "../time";

type Entry = Schemas["Entry"];

function detail(e: Entry): string {
  const parts: string[] = [];
  if (e.type === "report.refused" && e.code) parts.push(code("refusal", e.code));
  if (e.type === "assignment.returned" && e.code) parts.push(code("return", e.code));
  if (e.clock) parts.push(code("clock", e.clock));
  if (e.related) parts.push(e.related);
  return parts.join(" · ");
}

export function Timeline({ entries, mark }: { entries: Entry[]; mark?: (e: Entry) => preact.ComponentChildren }) {
  return (
    <ol class="timeline" reversed>
      {[...entries].reverse().map((e) => (
        <li key={e.n}>
          <h3>
            {code("event", e.type)} {e.late ? <strong class="tag bad">{t("event.late")}</strong> : null}
          </h3>
          <p>
            <time dateTime={e.at}>{dateTime(e.at)}</time>
            <span class="faint"> · {e.agency || code("by", e.by)}</span>
          </p>
          {detail(e) ? <p>{detail(e)}</p> : null}
          {e.text ? <p class="prose">{e.text}</p> : null}
          {mark?.(e)}
        </li>
      ))}
    </ol>
  );
}
