import { fileURLToPath } from "node:url";
import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";
import { pages, type Page } from "./pages.ts";
import { contentPolicy } from "./policy.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// What a deployment sets: the hosts that pages may reach besides their own, and the
// communes' boundary that the map draws. The standard is the local system, whose
// object store stands on a port of its own, and the made-up province.
const bucket = process.env.PAHT_BUCKET_ORIGIN ?? "http://127.0.0.1:*";
const tiles = process.env.PAHT_TILE_URL ?? "";
const boundary = process.env.PAHT_BOUNDARY ?? here("../data/demo/boundary.json");

const policy = contentPolicy(bucket, tiles);

interface Chunk {
  fileName: string;
  imports: string[];
  viteMetadata?: { importedCss: Set<string> };
}

function document(page: Page, chunk: Chunk, all: Map<string, Chunk>): string {
  const css = new Set<string>();
  const scripts = new Set<string>();
  const visit = (name: string) => {
    const c = all.get(name);
    if (!c || scripts.has(name)) return;
    c.imports.forEach(visit);
    scripts.add(name);
    c.viteMetadata?.importedCss.forEach((f) => css.add(f));
  };
  visit(chunk.fileName);
  scripts.delete(chunk.fileName);
  const links = [
    ...[...css].map((f) => `<link rel="stylesheet" href="/${f}">`),
    ...[...scripts].map((f) => `<link rel="modulepreload" href="/${f}">`),
  ];
  return `<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${page.title} – Phản ánh hiện trường</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
${links.join("\n")}
<script type="module" src="/${chunk.fileName}"></script>
</head>
<body>
<div id="app"><header class="top"><div class="wide top-row"><a class="brand" href="/">Phản ánh hiện trường</a></div></header>
<main class="wide" id="main"><h1>${page.title}</h1>
<noscript><p>Trang này cần JavaScript để gửi và đọc phản ánh. This page needs JavaScript.</p></noscript>
<div class="skeleton" aria-hidden="true"><i></i><i></i><i></i></div></main></div>
</body>
</html>
`;
}

function documents(): Plugin {
  return {
    name: "paht-documents",
    generateBundle(_options, bundle) {
      const all = new Map<string, Chunk>();
      const byEntry = new Map<string, Chunk>();
      for (const file of Object.values(bundle)) {
        if (file.type !== "chunk") continue;
        all.set(file.fileName, file as unknown as Chunk);
        if (file.isEntry) byEntry.set(file.name, file as unknown as Chunk);
      }
      for (const page of pages) {
        const chunk = byEntry.get(page.entry);
        if (!chunk) throw new Error(`the page /${page.path} has no module src/pages/${page.entry}.tsx`);
        const fileName = page.file ?? (page.path ? `${page.path}/index.html` : "index.html");
        this.emitFile({ type: "asset", fileName, source: document(page, chunk, all) });
      }
      this.emitFile({ type: "asset", fileName: "assets/boundary.json", source: readFileSync(boundary) });
    },
  };
}

const entries = Object.fromEntries([...new Set(pages.map((p) => p.entry))].map((e) => [e, here(`src/pages/${e}.tsx`)]));

export default defineConfig({
  root: here("."),
  publicDir: here("public"),
  define: { __TILES__: JSON.stringify(tiles) },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: here("../build/web"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: entries,
      output: {
        // On a line of 150 ms every file is a wait: what each page needs is one file.
        codeSplitting: {
          groups: [{ name: "shell", test: /node_modules\/preact\/|src\/ui\/(shell|form|load|danger)\.|src\/i18n\/(index|vi)\.ts|src\/api\/(session|problem)\.|src\/(time|code|vietnamese)\.|src\/draft\/waiting\.|vite\/preload|rolldown\/runtime/ }],
        },
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  plugins: [documents()],
  test: { include: ["test/unit/**/*.test.ts"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
