// Generates src/api/schema.d.ts from the contract; with --check it only says
// whether the stored file is what the contract generates.
import { readFile, writeFile } from "node:fs/promises";
import openapi, { astToString, COMMENT_HEADER } from "openapi-typescript";

const contract = new URL("../../shared/contract/openapi.yaml", import.meta.url);
const stored = new URL("../src/api/schema.d.ts", import.meta.url);

const generated = COMMENT_HEADER + astToString(await openapi(contract));
if (process.argv.includes("--check")) {
  const found = await readFile(stored, "utf8").catch(() => "");
  if (found !== generated) {
    console.error("src/api/schema.d.ts is not what shared/contract/openapi.yaml generates: run npm run generate");
    process.exit(1);
  }
} else {
  await writeFile(stored, generated);
}
