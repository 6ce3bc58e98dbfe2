/** A folder goes in; `inside.js` and SQLite are written there, for a browser: `node library_inside_bundle.js FOLDER`. */

import { cpSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { BROWSERS, ROOMS } from "./rooms.js";

const WEB = fileURLToPath(new URL("../", import.meta.url));
const [folder] = process.argv.slice(2);

const input = `${WEB}tools/library_inside.js`;
const bundle = await rolldown({ input, platform: "browser", transform: { target: BROWSERS } });
await bundle.write({ file: `${folder}/inside.js`, format: "esm" });
await bundle.close();
for (const file of ROOMS.library) cpSync(`${WEB}node_modules/${file}`, `${folder}/${basename(file)}`);
