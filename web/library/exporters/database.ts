/** A library goes in, the bytes of a SQLite file come out that holds it, and not what was deleted from it. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { bytesOfHex } from "../asset.ts";
import { openDatabase } from "../database.ts";
import type { RecordImage } from "../record.ts";
import { restoreRecord } from "../restore.ts";
import { modelsOf } from "./archive.ts";
import type { Source } from "./index.ts";
import type { Walk } from "./walk.ts";

const NAME = "/export.sqlite"; // beside the library, while it is read
const MERGED_AT_ONCE = 500; // pages of an index

/** Yield the whole library, or those cutouts of it that were chosen. */
export function database(from: Source, walk: Walk): AsyncGenerator<Uint8Array, void, undefined> {
  return walk.isWhole ? wholeOf(from, walk) : partOf(from, walk);
}

/** The browser's storage cannot be read in pieces while the library is open, so it is copied there and read at once. */
async function* wholeOf({ db, place }: Source, walk: Walk): AsyncGenerator<Uint8Array, void, undefined> {
  const removed = () => {
    if (place.names().includes(NAME)) place.remove(NAME);
  };
  removed(); // what an export left that was killed here
  try {
    db.exec("VACUUM INTO ?", { bind: [NAME] }); // has no journal: WAL is a property of the file that it leaves behind
    await forget(place.open(NAME), walk);
    yield await place.read(NAME);
  } finally {
    removed();
  }
}

/**
 * Delete what only serves this device: ways back, which hold what was deleted, answers to its windows, and which hits
 * were opened. The indexes for full text still have the words of what was deleted until they are merged, so they are.
 */
async function forget(copy: Database, walk: Walk): Promise<void> {
  try {
    copy.exec("PRAGMA journal_mode = MEMORY; PRAGMA secure_delete = ON");
    for (const table of ["undo", "answered", "event_above", "event"]) copy.exec(`DELETE FROM ${table}`);
    // A negative number begins to merge all, further ones go on, and what changes no row was the end.
    for (const index of ["words", "runs"])
      for (let pages = -MERGED_AT_ONCE, before = -2; copy.changes(true) - before > 1; pages = MERGED_AT_ONCE) {
        await walk.rest();
        before = copy.changes(true);
        copy.exec(`INSERT INTO ${index} (${index}, rank) VALUES ('merge', ${pages})`);
      }
  } finally {
    copy.close();
  }
}

/** A part is put into a new library in memory: deleted from a copy, the rest would leave its room behind. */
async function* partOf({ sqlite, db }: Source, walk: Walk): AsyncGenerator<Uint8Array, void, undefined> {
  const memory = { names: () => [], open: () => new sqlite.oo1.DB(":memory:", "c"), remove: () => undefined };
  const { db: part } = openDatabase(memory);
  try {
    const models = modelsOf(db);
    for await (const record of walk.records())
      part.transaction(() => {
        for (const { sha256, name, space, at } of models)
          if (record.tags.some(({ model }) => model === sha256))
            part.exec("INSERT INTO model (sha256, name, space, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", {
              bind: [sha256, name, space, at],
            });
        restoreRecord(part, record, { asset: imageOf(db, record.asset), icon: imageOf(db, record.icon) });
      });
    yield sqlite.capi.sqlite3_js_db_export(part);
  } finally {
    part.close();
  }
}

function imageOf(db: Database, image: RecordImage | null) {
  if (image === null) return null;
  const bytes = db.selectValue("SELECT bytes FROM asset WHERE sha256 = ?", [bytesOfHex(image.sha256)]);
  return bytes instanceof Uint8Array ? { type: image.type, bytes } : null;
}
