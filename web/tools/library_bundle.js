/** Nothing goes in, the library's modules come out for Node to run, which reads no TypeScript with imports. */

import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const WEB = fileURLToPath(new URL("../", import.meta.url));
const MODULES = ["database", "errors", "intake", "sqlite", "shelf", "passages", "schema", "title"];
const SEARCH = ["filters", "fuse", "index", "search", "vectors", "words"];

/** Return what these modules export, all in one object. */
export async function libraryModules() {
  const paths = [...MODULES, ...SEARCH.map((name) => `search/${name}`)];
  const source = paths.map((path) => `export * from ${JSON.stringify(`${WEB}library/${path}.ts`)};`).join("\n");
  const entry = {
    name: "every-module",
    resolveId: (id) => (id === "every-module" ? id : undefined),
    load: (id) => (id === "every-module" ? source : undefined),
  };
  const bundle = await rolldown({
    input: "every-module",
    plugins: [entry],
    external: [/sqlite-wasm/],
    platform: "node",
  });
  const folder = `${WEB}node_modules/.library-${process.pid}/`; // inside, so that SQLite is found from there
  mkdirSync(folder, { recursive: true });
  try {
    await bundle.write({ file: `${folder}library.mjs`, format: "esm" });
    return await import(pathToFileURL(`${folder}library.mjs`));
  } finally {
    await bundle.close();
    rmSync(folder, { recursive: true });
  }
}
