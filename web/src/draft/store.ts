// Drafts and their photos in IndexedDB: nothing typed or photographed is lost, several
// reports can be under way at once, and each belongs to one account.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Problem, Schemas } from "../api/problem";

export type DraftState = "open" | "waiting" | "refused";

export interface Draft {
  id: string;
  owner: string;
  state: DraftState;
  changed: number;
  text: string;
  category: string;
  categoryName: string;
  commune: string;
  communeName: string;
  address: string;
  point: { lat: number; lon: number } | null;
  occurred: string; // of an <input type="datetime-local">
  publicity: "hidden" | "name_shown";
  photos: string[]; // in the order in which to show them
  key: string; // the idempotency key of the body below
  body: Schemas["Submission"] | null; // frozen once it may have been sent
  problem: Problem | null;
}

export interface Photo {
  id: string;
  draft: string;
  blob: Blob;
  key: string; // the idempotency key of its slot
  upload: string; // the slot, once the file is there
  why: string; // what went wrong last
}

interface Stored extends DBSchema {
  drafts: { key: string; value: Draft };
  photos: { key: string; value: Photo; indexes: { draft: string } };
}

let opened: Promise<IDBPDatabase<Stored>> | null = null;

function db(): Promise<IDBPDatabase<Stored>> {
  opened ??= openDB<Stored>("paht", 1, {
    upgrade(d) {
      d.createObjectStore("drafts", { keyPath: "id" });
      d.createObjectStore("photos", { keyPath: "id" }).createIndex("draft", "draft");
    },
  });
  return opened;
}

export function newDraft(owner: string): Draft {
  return {
    id: crypto.randomUUID(),
    owner,
    state: "open",
    changed: Date.now(),
    text: "",
    category: "",
    categoryName: "",
    commune: "",
    communeName: "",
    address: "",
    point: null,
    occurred: "",
    publicity: "hidden",
    photos: [],
    key: "",
    body: null,
    problem: null,
  };
}

/** Tells whether there is anything in a draft that could be lost. */
export function hasContent(d: Draft): boolean {
  return d.text !== "" || d.category !== "" || d.address !== "" || d.commune !== "" || d.point !== null || d.photos.length > 0;
}

export async function saveDraft(d: Draft): Promise<void> {
  await (await db()).put("drafts", d);
}

export async function draftOf(id: string, owner: string): Promise<Draft | null> {
  const d = await (await db()).get("drafts", id);
  return d && d.owner === owner ? d : null;
}

export async function draftsOf(owner: string): Promise<Draft[]> {
  const all = await (await db()).getAll("drafts");
  return all.filter((d) => d.owner === owner && hasContent(d)).sort((a, b) => b.changed - a.changed);
}

export async function removeDraft(id: string): Promise<void> {
  const tx = (await db()).transaction(["drafts", "photos"], "readwrite");
  const photos = await tx.objectStore("photos").index("draft").getAllKeys(id);
  await Promise.all([...photos.map((p) => tx.objectStore("photos").delete(p)), tx.objectStore("drafts").delete(id), tx.done]);
}

export async function savePhoto(p: Photo): Promise<void> {
  await (await db()).put("photos", p);
}

export async function photosOf(d: Draft): Promise<Photo[]> {
  const all = await (await db()).getAllFromIndex("photos", "draft", d.id);
  return d.photos.map((id) => all.find((p) => p.id === id)).filter((p): p is Photo => p !== undefined);
}

export async function removePhoto(id: string): Promise<void> {
  await (await db()).delete("photos", id);
}
