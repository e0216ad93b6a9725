// What went wrong, as a problem document (RFC 9457), also where no answer came. It
// needs no client, so that a page can speak of problems before it has one.
import type { components } from "./schema";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];
export type Outcome<T> = { ok: true; data: T; etag: string } | { ok: false; problem: Problem };

/** The codes that this side gives where no answer came. */
export const OFFLINE = "offline";
export const UNREADABLE = "unreadable_answer";

/** Tells whether the session is gone: the person logs in again and comes back. */
export function expired(p: Problem): boolean {
  return p.code === "session_invalid" || p.code === "no_session";
}

/** Tells whether the same request may be sent again: nothing was decided about it. */
export function passing(p: Problem): boolean {
  return p.code === OFFLINE || p.code === UNREADABLE || p.status === 429 || p.status >= 500;
}

export function newKey(): string {
  return crypto.randomUUID();
}
