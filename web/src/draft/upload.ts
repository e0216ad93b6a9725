// Sends one file straight to the object store: a slot for exactly this file, then its
// presigned form. One file's failure is its own.
import { api, settle, type Outcome, type Problem, type Schemas } from "../api/client";

export async function digest(blob: Blob): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return btoa(String.fromCharCode(...sum));
}

type Slot = Schemas["Upload"];

const offline: Problem = { type: "about:blank", title: "", status: 0, detail: "", code: "offline" };
const refused: Problem = { type: "about:blank", title: "", status: 0, detail: "", code: "upload_refused" };

/** Fills a slot; onPart is told how much of it, from 0 to 1, has gone out. */
export function fill(slot: Slot, file: Blob, onPart: (part: number) => void): Promise<Problem | null> {
  return new Promise((done) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(slot.fields ?? {})) form.append(name, value);
    form.append("file", file); // the file is last: S3 ignores fields after it
    const request = new XMLHttpRequest();
    request.upload.onprogress = (e) => onPart(e.lengthComputable ? e.loaded / e.total : 0);
    request.onload = () => done(request.status < 300 ? null : refused);
    request.onerror = () => done(offline);
    request.ontimeout = () => done(offline);
    request.open("POST", slot.url ?? "");
    request.send(form);
  });
}

/** Opens a slot for a photo and fills it; gives the slot's id. */
export async function sendPhoto(blob: Blob, key: string, onPart: (part: number) => void): Promise<Outcome<string>> {
  const file = { type: "image/jpeg" as const, size: blob.size, sha256: await digest(blob) };
  const opened = await settle(api.POST("/v1/uploads", { params: { header: { "Idempotency-Key": key } }, body: { files: [file] } }));
  if (!opened.ok) return opened;
  const slot = opened.data.uploads[0];
  if (!slot) return { ok: false, problem: refused };
  if (slot.state === "accepted" || slot.state === "pending") return { ok: true, data: slot.id, etag: "" };
  const wrong = await fill(slot, blob, onPart);
  return wrong ? { ok: false, problem: wrong } : { ok: true, data: slot.id, etag: "" };
}
