import type { Schemas } from "../api/client";
import { code, t } from "../i18n";

/** The pictures of a report: small ones that lead to the clean copy. */
export function Media({ media }: { media: Schemas["Medium"][] }) {
  if (media.length === 0) return null;
  return (
    <ul class="photos">
      {media.map((m, i) => (
        <li key={m.upload}>
          {m.state === "accepted" && m.url ? (
            <a href={m.url} target="_blank" rel="noreferrer">
              <img src={m.small ?? m.url} alt={t("send.photoName", { n: i + 1 })} loading="lazy" />
            </a>
          ) : (
            <p class="faint">{code("own.photo", m.state)}</p>
          )}
        </li>
      ))}
    </ul>
  );
}
