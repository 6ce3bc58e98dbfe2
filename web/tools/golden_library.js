/**
 * `node tools/golden_library.js`, run in web/, writes tests/golden/library.sqlite and library.json.
 *
 * The library is made by the app's own code (library/golden.testing.ts), which Vite brings to node.
 */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const folder = new URL("../../tests/golden/", import.meta.url);
const config = { root: fileURLToPath(new URL("..", import.meta.url)), configFile: false, logLevel: "warn" };
const { module } = await runnerImport("./library/golden.testing.ts", config);
const library = await module.goldenLibrary();
writeFileSync(new URL("library.sqlite", folder), library.sqlite.capi.sqlite3_js_db_export(library.db));
writeFileSync(new URL("library.json", folder), `${JSON.stringify(module.textsOf(library), null, 1)}\n`);
