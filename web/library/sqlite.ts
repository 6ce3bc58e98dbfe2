/** SQLite in, a place for its files out: the origin's private file system in a worker, memory elsewhere. */

import init, { type SAHPoolUtil, type Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import type { Place } from "./database.ts";
import { isFull, LibraryError, noteFault } from "./errors.ts";
import { isLost, lostFile, lostNames, moveLost, removeLost } from "./lost.ts";
import { giveUpReserve, holdReserve } from "./reserve.ts";

const FILES_AT_ONCE = 6; // handles beside those in use: a library, its journal, a copy, an export, one set aside
const DIRECTORY = "cutouts";
/** The name of the pool and the folder of its files. */
export const POOL = { name: DIRECTORY, directory: `/${DIRECTORY}` };
const PATIENCE_MS = 5000; // a window that crashed lets go of its files some time after its lock
const STEP_MS = 50;

/** Files in the browser's own storage; only one worker of the origin may hold it. */
export interface Pool extends Place {
  /** Return the bytes of a file. */
  read(name: string): Promise<Uint8Array>;
  /** Return a file that the library no longer uses, as it is. */
  setAside(name: string): Promise<Blob>;
  /** The names of files that SQLite could no longer tell, and that were moved aside. */
  readonly lost: readonly string[];
  /** Delete what was moved aside. */
  removeLost(): Promise<void>;
  /** Do `work` with the room that is held back for what makes room, and hold back again what is left. */
  withReserve<Result>(work: () => Result): Promise<Result>;
}

/** Return SQLite, loaded once. */
export async function loadSqlite(): Promise<Sqlite3Static> {
  // The one way of keeping files that is used here is asked for below; the others would only complain.
  const disable = { vfs: { opfs: true, "opfs-wl": true, kvvfs: true } };
  const error = (...said: unknown[]) => {
    for (const fault of said) noteFault(fault); // said nowhere else
    console.error(...said);
  };
  Object.assign(globalThis, { sqlite3ApiConfig: { disable, error } });
  loaded ??= init();
  return await loaded;
}
let loaded: Promise<Sqlite3Static> | undefined;

/** Return the files of this origin; raise LibraryError where the browser has no such storage or another worker holds it. */
export async function openPool(): Promise<Pool> {
  const sqlite = await loadSqlite();
  try {
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle(DIRECTORY, { create: true });
    await moveLost(directory);
    const pool = await installed(sqlite, directory);
    await pool.reserveMinimumCapacity(pool.getFileCount() + FILES_AT_ONCE);
    await holdReserve(directory);
    return poolOf(pool, directory, await lostNames(directory));
  } catch (error) {
    if (isFull(error)) throw new LibraryError(NO_ROOM);
    const said = error instanceof Error ? error.message : String(error);
    throw new LibraryError(
      `this browser gives no storage for the library (${said}): leave private browsing, or update the browser`,
    );
  }
}
const NO_ROOM =
  "there is no room on this device to open the library: free some storage and reload the page; what was saved is kept";

/** Return SQLite's pool of files; when there is no room even to open it, with the room that was held for that. */
async function installed(sqlite: Sqlite3Static, directory: FileSystemDirectoryHandle): Promise<SAHPoolUtil> {
  const options = {
    ...POOL,
    initialCapacity: FILES_AT_ONCE,
    preserveOnInitFailure: true, // else a second owner's failure to open deletes the first one's files
    forceReinitIfPreviouslyFailed: true, // which its types do not know
  };
  for (let waited = 0; ; waited += STEP_MS) {
    try {
      return await sqlite.installOpfsSAHPoolVfs(options);
    } catch (error) {
      if (isFull(error) && (await giveUpReserve(directory))) continue;
      const isHeld = error instanceof Error && error.name === "NoModificationAllowedError";
      if (!isHeld || waited >= PATIENCE_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
  }
}

function poolOf(pool: SAHPoolUtil, directory: FileSystemDirectoryHandle, lost: string[]): Pool {
  const setAside = async (name: string) =>
    isLost(name) ? await lostFile(directory, name) : new Blob([pool.exportFile(name).slice()]);
  const withReserve = async <Result>(work: () => Result): Promise<Result> => {
    await giveUpReserve(directory);
    try {
      return work();
    } finally {
      await holdReserve(directory);
    }
  };
  return {
    names: () => pool.getFileNames(),
    open: (name) => new pool.OpfsSAHPoolDb(name),
    read: async (name) => pool.exportFile(name),
    setAside,
    remove: (name) => void pool.unlink(name),
    lost,
    removeLost: async () => {
      await removeLost(directory);
      lost.length = 0;
    },
    withReserve,
  };
}

/** Return a place in memory, for tests and for reading a file without keeping it. */
export async function memoryPlace(): Promise<Place> {
  const sqlite = await loadSqlite();
  return { names: () => [], open: () => new sqlite.oo1.DB(":memory:", "c"), remove: () => undefined };
}
