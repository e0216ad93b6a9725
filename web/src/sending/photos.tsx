// The photos of a draft: each has its own bar, retry and removal, and one that fails
// never loses the others.
import { useEffect, useRef, useState } from "preact/hooks";
import { newKey } from "../api/problem";
import { code, known, t } from "../i18n";
import { photosOf, removePhoto, savePhoto, type Draft, type Photo } from "../draft/store";
import { shrink } from "../draft/picture";

const most = 10;

interface Shown {
  photo: Photo;
  address: string; // of the blob
  part: number | null; // while it is under way
}

export interface Photos {
  shown: Shown[];
  add: (files: File[]) => Promise<string[]>;
  retry: (id: string) => void;
  remove: (id: string) => Promise<void>;
}

/** Keeps the photos of a draft, in the database and on the way up. */
export function usePhotos(draft: Draft, change: (photos: string[]) => void): Photos {
  const [shown, setShown] = useState<Shown[]>([]);
  const order = useRef(draft.photos);
  order.current = draft.photos;
  const gone = useRef(new Set<string>());

  const update = (id: string, part: Partial<Shown>) => setShown((all) => all.map((s) => (s.photo.id === id ? { ...s, ...part } : s)));

  async function upload(photo: Photo) {
    update(photo.id, { part: 0 });
    const { sendPhoto } = await import("../draft/upload"); // after the first paint
    const out = await sendPhoto(photo.blob, photo.key, (part) => update(photo.id, { part }));
    if (gone.current.has(photo.id)) return;
    const after: Photo = out.ok ? { ...photo, upload: out.data, why: "" } : { ...photo, key: newKey(), why: out.problem.detail || out.problem.code };
    await savePhoto(after);
    update(photo.id, { photo: after, part: null });
  }

  useEffect(() => {
    void (async () => {
      const found = await photosOf(draft);
      setShown(found.map((photo) => ({ photo, address: URL.createObjectURL(photo.blob), part: null })));
      for (const photo of found) if (!photo.upload && navigator.onLine) void upload(photo);
    })();
  }, [draft.id]);

  async function add(files: File[]): Promise<string[]> {
    const wrong: string[] = [];
    const room = most - order.current.length;
    if (files.length > room) wrong.push(t("send.photo.tooMany", { n: files.length - room }));
    for (const file of files.slice(0, room)) {
      try {
        const photo: Photo = { id: crypto.randomUUID(), draft: draft.id, blob: await shrink(file), key: newKey(), upload: "", why: "" };
        await savePhoto(photo);
        order.current = [...order.current, photo.id];
        change(order.current);
        setShown((all) => [...all, { photo, address: URL.createObjectURL(photo.blob), part: null }]);
        void upload(photo);
      } catch {
        wrong.push(t("send.photo.unreadable", { name: file.name }));
      }
    }
    return wrong;
  }

  async function remove(id: string) {
    gone.current.add(id);
    await removePhoto(id);
    order.current = order.current.filter((p) => p !== id);
    change(order.current);
    setShown((all) => all.filter((s) => s.photo.id !== id));
  }

  function retry(id: string) {
    const found = shown.find((s) => s.photo.id === id);
    if (found && found.part === null) void upload(found.photo);
  }
  return { shown, add, retry, remove };
}

function standing(s: Shown): string {
  if (s.part !== null) return t("send.photo.uploading", { n: Math.round(s.part * 100) });
  if (s.photo.upload) return t("send.photo.uploaded");
  if (s.photo.why) return t("send.photo.failed", { why: known(`problem.${s.photo.why}`) ? code("problem", s.photo.why) : s.photo.why });
  return t("send.photo.kept");
}

export function PhotoList({ photos, label }: { photos: Photos; label?: string }) {
  const [wrong, setWrong] = useState<string[]>([]);
  const input = useRef<HTMLInputElement>(null);
  async function chosen() {
    const files = [...(input.current?.files ?? [])];
    if (input.current) input.current.value = "";
    setWrong(await photos.add(files));
  }
  return (
    <div class="field" id="uploads" tabIndex={-1}>
      <div role="alert">
        {wrong.map((w) => (
          <p class="error" key={w}>
            {w}
          </p>
        ))}
      </div>
      <label class="button" for="photo-input">
        {label ?? t("send.addPhotos")}
      </label>
      <input class="unseen photo-input" id="photo-input" type="file" accept="image/*" multiple ref={input} onChange={chosen} />
      <ul class="photos chosen-photos">
        {photos.shown.map((s, i) => (
          <li key={s.photo.id}>
            <img src={s.address} alt={t("send.photoName", { n: i + 1 })} />
            <p class="photo-state" role="status">
              {standing(s)}
            </p>
            {s.part !== null ? <progress value={s.part} max={1} aria-label={t("send.photoName", { n: i + 1 })} /> : null}
            {s.photo.why && s.part === null && !s.photo.upload ? (
              <button type="button" class="button small" onClick={() => photos.retry(s.photo.id)}>
                <span aria-hidden="true">{t("retry")}</span>
                <span class="unseen">{t("send.photoRetry", { n: i + 1 })}</span>
              </button>
            ) : null}
            <button type="button" class="link" onClick={() => void photos.remove(s.photo.id)}>
              {t("send.photoRemove", { n: i + 1 })}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
