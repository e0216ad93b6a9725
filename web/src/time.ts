// Instants as people in the province read them. The zone is the province's,
// whatever the device says.
import { language } from "./i18n";

const zone = "Asia/Ho_Chi_Minh";

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language() === "en" ? "en-GB" : "vi-VN", { timeZone: zone, ...options });
}

/** Day and time: 24/11/2026 14:05. */
export function dateTime(at: string | undefined): string {
  if (!at) return "";
  const d = new Date(at);
  const day = format({ day: "2-digit", month: "2-digit", year: "numeric" }).format(d);
  const time = format({ hour: "2-digit", minute: "2-digit", hour12: false }).format(d);
  return `${day} ${time}`;
}

/** The day alone. */
export function date(at: string | undefined): string {
  return at ? format({ day: "2-digit", month: "2-digit", year: "numeric" }).format(new Date(at)) : "";
}

/** A local instant for an <input type="datetime-local">, in the province's zone. */
export function toInput(at: Date): string {
  return new Date(at.getTime() + 7 * 3_600_000).toISOString().slice(0, 19);
}

/** The instant of such an input; the province has had no other offset since 1975. */
export function fromInput(value: string): string {
  return value ? `${value.length === 16 ? value + ":00" : value}+07:00` : "";
}
