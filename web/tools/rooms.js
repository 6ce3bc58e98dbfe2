/** A room and an entry go in, how scripts with stable names are bundled from it comes out, and a check of what came out. */

import { fileURLToPath } from "node:url";
import { validatorPlugin } from "./validator.js";

const WEB = fileURLToPath(new URL("../", import.meta.url));

/** The rooms that pages use as any site would, and what stands beside their scripts. */
export const ROOMS = {
  runtime: ["onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"],
  library: ["@sqlite.org/sqlite-wasm/dist/sqlite3.wasm"],
};
export const ENTRIES = ["index", "worker"];
export const BROWSERS = ["chrome111", "firefox119", "safari16.4"];

/** Return the options that rolldown bundles an entry with; it leaves `new URL` and `import()` as written. */
export function inputOptions(room, entry) {
  return {
    input: { [entry]: `${WEB}${room}/${entry}.ts` },
    plugins: [validatorPlugin()],
    // Rooms use each other by their doors, as they are built.
    external: (id) => room !== "runtime" && id.endsWith("runtime/index.ts"),
    transform: { target: BROWSERS },
  };
}

/** Stable names: sites link to index.js, and index.js starts worker.js beside it. */
export const OUTPUT_OPTIONS = {
  format: "esm",
  minify: true,
  entryFileNames: "[name].js",
  chunkFileNames: "[name].js",
  paths: (id) => id.replace(/^.*runtime\/index\.ts$/, "../runtime/index.js"),
};

/** Return the chunks that import an entry: WebKit evaluates a worker that is imported a second time. */
export function importersOfEntries(chunks) {
  const entries = new Set(ENTRIES.map((entry) => `${entry}.js`));
  const imports = chunks.filter(({ imports = [], dynamicImports = [] }) =>
    [...imports, ...dynamicImports].some((name) => entries.has(name)),
  );
  return imports.map(({ fileName }) => fileName);
}
