// Reports that are likely about the same thing: of open ones no more than category,
// distance, day and state; published ones with their page.
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { date } from "../time";
import { Tag } from "./state";

type Row = Schemas["Near"];

export function NearList({ near, title, text, desk }: { near: Row[]; title: string; text?: string; desk?: boolean }) {
  if (near.length === 0) return null;
  return (
    <section class="notice">
      <h2>{title}</h2>
      {text ? <p>{text}</p> : null}
      <ul>
        {near.map((n, i) => (
          <li key={n.report ?? i}>
            {t("near.row", { category: n.categoryName ?? n.category, metres: n.metres, day: date(`${n.day}T12:00:00+07:00`) })} <Tag state={n.state} />{" "}
            {n.report ? (
              <a href={`${desk ? "/can-bo/phan-anh/" : "/cong-khai/phan-anh/"}?ma=${encodeURIComponent(n.report)}`}>{desk ? n.report : t("near.see")}</a>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
