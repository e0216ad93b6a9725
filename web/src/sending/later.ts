// The steps after the first, and sending itself: loaded while the first step is
// being filled in.
export { Check, Confirmed, Waiting } from "./check";
export { Publicity } from "./choices";
export { Drafts } from "./drafts";
export { Place } from "./place";
export { What } from "./what";
export { locked, sendDraft } from "../draft/outbox";
export { followingWords } from "../i18n/following";
