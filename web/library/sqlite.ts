/** SQLite in, a place for its files out: the origin's private file system in a worker, memory elsewhere. */

import init, { type Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import type { Place } from "./database.ts";
import { LibraryError } from "./errors.ts";

const FILES_AT_ONCE = 12; // handles that the pool holds: a library, its journal, copies and files set aside
const DIRECTORY = "cutouts";

/** Files in the browser's own storage; only one worker of the origin may hold it. */
export interface Pool extends Place {
  /** Return the bytes of a file. */
  read(name: string): Promise<Uint8Array>;
}

/** Return SQLite, loaded once. */
export async function loadSqlite(): Promise<Sqlite3Static> {
  // The one way of keeping files that is used here is asked for below; the others would only complain.
  Object.assign(globalThis, { sqlite3ApiConfig: { disable: { vfs: { opfs: true, "opfs-wl": true, kvvfs: true } } } });
  loaded ??= init();
  return await loaded;
}
let loaded: Promise<Sqlite3Static> | undefined;

/** Return the files of this origin; raise LibraryError where the browser has no such storage or another worker holds it. */
export async function openPool(): Promise<Pool> {
  const sqlite = await loadSqlite();
  try {
    const pool = await sqlite.installOpfsSAHPoolVfs({
      name: DIRECTORY,
      directory: `/${DIRECTORY}`,
      initialCapacity: FILES_AT_ONCE,
      preserveOnInitFailure: true, // else a second owner's failure to open deletes the first one's files
    });
    await pool.reserveMinimumCapacity(FILES_AT_ONCE);
    return {
      names: () => pool.getFileNames(),
      open: (name) => new pool.OpfsSAHPoolDb(name),
      read: async (name) => await pool.exportFile(name),
      remove: (name) => void pool.unlink(name),
    };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new LibraryError(
      `this browser gives no storage for the library (${said}): leave private browsing, or update the browser`,
    );
  }
}

/** Return a place in memory, for tests and for reading a file without keeping it. */
export async function memoryPlace(): Promise<Place> {
  const sqlite = await loadSqlite();
  return { names: () => [], open: () => new sqlite.oo1.DB(":memory:", "c"), remove: () => undefined };
}
