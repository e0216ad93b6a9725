// Who is logged in, as far as this browser knows: the session itself is a cookie
// that no script can read. What is kept here decides only what is shown; rights
// are the API's to judge.
import type { components } from "./schema";

export interface Who {
  id: string;
  name: string;
  kind: string;
  verified: boolean;
  agency: string;
  rights: string[];
}

const place = "paht.who";

export function who(): Who | null {
  try {
    const kept = localStorage.getItem(place);
    return kept ? (JSON.parse(kept) as Who) : null;
  } catch {
    return null; // storage is off: everybody is a guest until the API says otherwise
  }
}

export function remember(a: components["schemas"]["Account"]): Who {
  const known: Who = { id: a.id, name: a.name, kind: a.kind, verified: a.verified, agency: a.agency ?? "", rights: a.rights ?? [] };
  try {
    localStorage.setItem(place, JSON.stringify(known));
  } catch {
    // nothing is lost: the next page asks again
  }
  return known;
}

export function forget(): void {
  try {
    localStorage.removeItem(place);
  } catch {
    // there was nothing
  }
}

export function isOfficer(w: Who | null): boolean {
  return w?.kind === "officer";
}

export function may(right: string): boolean {
  return who()?.rights.includes(right) ?? false;
}

/** The log-in page that leads back to where the person is now. */
export function logInAddress(back = location.pathname + location.search): string {
  return "/dang-nhap/?ve=" + encodeURIComponent(back);
}

/** Only addresses of this system lead back; anything else is the start page. */
export function safeReturn(asked: string | null, standard: string): string {
  return asked && /^\/(?![/\\])/.test(asked) ? asked : standard;
}
