// The queue as a table; on a narrow screen each row becomes a card.
import { useEffect, useRef, useState } from "preact/hooks";
import { memo } from "./memo";
import { code, t } from "../i18n";
import { dateTime } from "../time";
import type { Item, Row } from "./filter";
import { left, type Session } from "./worktime";

interface Pick {
  picked: Set<string>;
  setPicked: (s: Set<string>) => void;
  keyOf: (r: Row) => string;
}

interface Props {
  rows: Row[];
  at: number;
  now: number;
  sessions: Session[];
  query: string;
  pick: Pick | null;
}

/** The cells that no filter and no clock changes. */
const Facts = memo(function Facts({ item, query }: { item: Item; query: string }) {
  return (
    <>
      <td>
        <a href={`/can-bo/phan-anh/?ma=${encodeURIComponent(item.report)}&${query.slice(1)}`}>{item.report}</a>
      </td>
      <td>
        {item.categoryName ?? item.category}
        {(item.flags ?? []).map((f) => (
          <span key={f}>
            {" "}
            <strong class="tag warn">{code("flag", f)}</strong>
          </span>
        ))}
      </td>
      <td data-label={t("track.commune")}>{item.communeName ?? item.commune}</td>
      <td data-label={t("queue.state")}>{code(item.assignment ? "part" : "state", item.state)}</td>
      <td data-label={t("queue.due")}>{dateTime(item.due)}</td>
    </>
  );
});

const step = 40;

/** How many rows are drawn: as many as were scrolled to, so that a filter answers at once. */
function useRoom(rows: Row[], at: number) {
  const [room, setRoom] = useState(step);
  const foot = useRef<HTMLDivElement>(null);
  useEffect(() => setRoom(step), [rows.length]);
  useEffect(() => {
    if (at >= room - 2) setRoom(room + step);
  }, [at]);
  useEffect(() => {
    if (!foot.current || room >= rows.length) return;
    const seen = new IntersectionObserver((all) => {
      if (all.some((e) => e.isIntersecting)) setRoom((r) => r + step);
    });
    seen.observe(foot.current);
    return () => seen.disconnect();
  }, [room, rows.length]);
  return { drawn: rows.slice(0, room), foot, more: room < rows.length ? () => setRoom(room + step) : null };
}

export function Table({ rows, at, now, sessions, query, pick }: Props) {
  const { drawn, foot, more } = useRoom(rows, at);
  function toggle(key: string, on: boolean) {
    if (!pick) return;
    const next = new Set(pick.picked);
    if (on) next.add(key);
    else next.delete(key);
    pick.setPicked(next);
  }
  const every = pick !== null && rows.every((r) => pick.picked.has(pick.keyOf(r)));
  return (
    <div class="scroll">
      <table class="queue">
        <thead>
          <tr>
            {pick ? (
              <th scope="col">
                <label class="pick">
                  <input type="checkbox" checked={every} onChange={(e) => pick.setPicked(new Set(e.currentTarget.checked ? rows.map(pick.keyOf) : []))} />
                  <span class="unseen">{t("queue.selectAll")}</span>
                </label>
              </th>
            ) : null}
            <th scope="col">{t("queue.code")}</th>
            <th scope="col">{t("track.category")}</th>
            <th scope="col">{t("track.commune")}</th>
            <th scope="col">{t("queue.state")}</th>
            <th scope="col">{t("queue.due")}</th>
            <th scope="col">{t("queue.left")}</th>
          </tr>
        </thead>
        <tbody>
          {drawn.map((r, i) => {
            const key = r.item.report + (r.item.assignment ?? "");
            return (
              <tr key={key} class={i === at ? "at" : undefined}>
                {pick ? (
                  <td class="pick-cell">
                    <label class="pick">
                      <input type="checkbox" checked={pick.picked.has(key)} onChange={(e) => toggle(key, e.currentTarget.checked)} />
                      <span class="unseen">{t("queue.select", { code: r.item.report })}</span>
                    </label>
                  </td>
                ) : null}
                <Facts item={r.item} query={query} />
                <td data-label={t("queue.left")}>
                  <strong class={r.due < now ? "tag bad" : "tag calm"}>{left(sessions, now, r.due)}</strong>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <div ref={foot}>
        {more ? (
          <button type="button" class="button" onClick={more}>
            {t("more")}
          </button>
        ) : null}
      </div>
    </div>
  );
}
