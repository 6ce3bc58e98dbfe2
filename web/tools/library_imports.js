/** A folder of exports goes in, what the library makes of each comes out as JSON: `node library_imports.js FOLDER`. */

import { openAsBlob, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { libraryModules } from "./library_bundle.js";

/** Return for each file below the folder, in the order of their names, what became of it in an empty library. */
export async function intakesOf(folder) {
  const library = await libraryModules();
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const intakes = [];
  for (const path of found)
    intakes.push({ file: relative(folder, path), ...(await intakeOf(library, await openAsBlob(path))) });
  return intakes;
}

async function intakeOf(library, file) {
  const sqlite = await library.loadSqlite();
  const { db } = library.openDatabase(await library.memoryPlace());
  try {
    const to = { sqlite, db, now: () => Date.now() };
    const { format, added, merged, skipped, lines, moreLines } = await library.takeIn(to, "bench", file);
    const reasons = {};
    for (const { did, why } of lines) if (did === "skipped") reasons[why] = (reasons[why] ?? 0) + 1;
    return { format, added, merged, skipped, reasons, moreLines };
  } catch (error) {
    if (!(error instanceof library.ImportError)) throw error;
    return { refused: error.message };
  } finally {
    db.close();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.stdout.write(JSON.stringify(await intakesOf(process.argv[2])));
