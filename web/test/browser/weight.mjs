// How heavy a page's script and style are before anything is opened, compressed with
// Brotli as the delivery network does for browsers of the last years.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

export async function weight(pages, path) {
  const html = await readFile(join(pages, path, "index.html"), "utf8");
  const files = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1]);
  const sizes = await Promise.all(files.map(async (f) => [f, brotliCompressSync(await readFile(join(pages, f))).length]));
  return { files: sizes, total: sizes.reduce((sum, [, n]) => sum + n, 0) };
}
