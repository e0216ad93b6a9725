// The outbox: a report that waits is sent once, whatever becomes of the page. The key
// and the body are stored before the first try, so that a repeat is the same act, and
// a lock lets one tab send at a time.
import { api, expired, newKey, passing, settle, type Outcome, type Schemas } from "../api/client";
import { who } from "../api/session";
import { fromInput } from "../time";
import { draftsOf, photosOf, removeDraft, saveDraft, savePhoto, type Draft } from "./store";
import { outboxEvent } from "./waiting";
import { sendPhoto } from "./upload";

/** The body of a report; its photos stand in the order of the draft. */
export function bodyOf(d: Draft, uploads: string[]): Schemas["Submission"] {
  return {
    text: d.text.trim(),
    category: d.category,
    notice: "email",
    publicity: d.publicity,
    ...(d.point ? { point: d.point } : {}),
    ...(d.commune ? { commune: d.commune } : {}),
    ...(d.address.trim() ? { address: d.address.trim() } : {}),
    ...(d.occurred ? { occurredAt: fromInput(d.occurred) } : {}),
    ...(uploads.length > 0 ? { uploads } : {}),
  };
}

/** Tells the pages what became of a report. */
export type Sent = { draft: string; acted?: Schemas["Acted"]; draftAfter: Draft };

async function photosSent(d: Draft): Promise<Outcome<string[]>> {
  const uploads: string[] = [];
  for (const photo of await photosOf(d)) {
    if (!photo.upload) {
      const out = await sendPhoto(photo.blob, photo.key, () => undefined);
      if (!out.ok) {
        // A slot whose time is over is not opened again by its key.
        await savePhoto({ ...photo, key: newKey(), why: out.problem.code });
        return out;
      }
      photo.upload = out.data;
      await savePhoto({ ...photo, why: "" });
    }
    uploads.push(photo.upload);
  }
  return { ok: true, data: uploads, etag: "" };
}

/** Sends one report, or leaves it waiting, or gives it back with what is wrong. */
export async function sendDraft(d: Draft): Promise<Sent> {
  if (!d.body) {
    const photos = await photosSent(d);
    if (!photos.ok) return held(d, photos.problem);
    d = { ...d, body: bodyOf(d, photos.data), key: newKey() };
  }
  d = { ...d, state: "waiting", problem: null };
  await saveDraft(d);
  const out = await settle(api.POST("/v1/reports", { params: { header: { "Idempotency-Key": d.key } }, body: d.body! }));
  if (out.ok) {
    await removeDraft(d.id);
    return announce({ draft: d.id, acted: out.data, draftAfter: d });
  }
  return held(d, out.problem);
}

async function held(d: Draft, problem: NonNullable<Draft["problem"]>): Promise<Sent> {
  // What may have arrived keeps its key and body; what was refused is free again.
  const after: Draft =
    passing(problem) || expired(problem) ? { ...d, state: "waiting", problem } : { ...d, state: "refused", body: null, key: "", problem };
  if (problem.errors?.some((e) => e.path.startsWith("body.uploads"))) {
    for (const photo of await photosOf(after)) await savePhoto({ ...photo, upload: "", key: newKey() });
  }
  await saveDraft(after);
  return announce({ draft: d.id, draftAfter: after });
}


function announce(sent: Sent): Sent {
  dispatchEvent(new CustomEvent<Sent>(outboxEvent, { detail: sent }));
  return sent;
}

/** Sends what waits. A tab that finds another at it leaves it to that one. */
export async function sendWaiting(): Promise<void> {
  const w = who();
  if (!w || !navigator.onLine) return;
  await locked(async () => {
    for (const d of await draftsOf(w.id)) {
      if (d.state !== "waiting") continue;
      const out = await sendDraft(d);
      if (!out.acted && out.draftAfter.state === "waiting") return; // the line is still poor, or the session is over
    }
  });
}

export async function locked(work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  await navigator.locks.request("paht-outbox", { ifAvailable: true }, async (lock) => {
    if (lock) await work();
  });
}
