/** A place for files goes in, the open database comes out: checked, migrated, and never overwritten when damaged. */

import type { Database, SQLite3Error } from "@sqlite.org/sqlite-wasm";
import { LibraryError } from "./errors.ts";
import { APPLICATION_ID, STEPS } from "./schema.ts";
import { transaction } from "./statements.ts";

/** Where database files are kept: the browser's own file system, or memory. */
export interface Place {
  /** Return the names of the files there, each beginning with a slash. */
  names(): string[];
  /** Return the file of that name as a database, made if it is not there. */
  open(name: string): Database;
  /** Delete a file. */
  remove(name: string): void;
}

export interface Opened {
  readonly db: Database;
  readonly name: string;
  /** Files that were damaged and are left as they are, the newest last. */
  readonly setAside: readonly string[];
  /** The copy that was kept before the tables were changed, or null. */
  readonly copy: string | null;
}

/** What SQLite says of a file that is no database, or no longer one. */
const DAMAGED = [11, 26];

/**
 * Return the library, the newest `/library-N.sqlite`, or a new one.
 *
 * A damaged file is left where it is and the next number is begun, so nothing in it is lost to a repair that fails.
 * With `isDamaged` the newest was found so while it was in use.
 */
export function openDatabase(place: Place, steps: readonly string[] = STEPS, { isDamaged = false } = {}): Opened {
  const numbers = place.names().flatMap((name) => Number(LIBRARY.exec(name)?.[1] ?? Number.NaN) || []);
  const newest = Math.max(0, ...numbers);
  const known = newest === 0 || isDamaged ? nameOf(newest) : openChecked(place, nameOf(newest), steps);
  if (typeof known !== "string") return { ...known, setAside: asideOf(place, newest) };
  const fresh = openChecked(place, nameOf(newest + 1), steps);
  if (typeof fresh === "string") throw new LibraryError(`${fresh} was made now and cannot be read: free some storage`);
  return { ...fresh, setAside: asideOf(place, newest + 1) };
}

const LIBRARY = /^\/library-(\d+)\.sqlite(?:-wal)?$/;

function nameOf(number: number): string {
  return `/library-${number}.sqlite`;
}

/** Return the files of earlier numbers, and what was written ahead beside them. */
function asideOf(place: Place, current: number): string[] {
  const numberOf = (name: string) => Number(LIBRARY.exec(name)?.[1] ?? current);
  const earlier = place.names().filter((name) => numberOf(name) !== current);
  return earlier.sort((a, b) => numberOf(a) - numberOf(b) || a.length - b.length);
}

/** Return the database, or its name when it is damaged. */
function openChecked(place: Place, name: string, steps: readonly string[]): Omit<Opened, "setAside"> | string {
  let db: Database | undefined;
  try {
    db = place.open(name);
    // Exclusive before WAL: only then does SQLite do without shared memory, which browsers do not have.
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    db.exec("PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA temp_store = MEMORY");
    return { db, name, copy: migrate(place, db, name, steps) };
  } catch (error) {
    db?.close();
    if (!isDamage(error)) throw error;
    return name;
  }
}

/** Return whether SQLite found the file damaged. */
export function isDamage(error: unknown): boolean {
  const code = (error as Partial<SQLite3Error> | null)?.resultCode;
  return typeof code === "number" && DAMAGED.includes(code & 0xff);
}

/** Bring the tables to the newest version, each step whole or not at all; return the name of the copy made before. */
function migrate(place: Place, db: Database, name: string, steps: readonly string[]): string | null {
  const version = Number(db.selectValue("PRAGMA user_version"));
  const application = Number(db.selectValue("PRAGMA application_id"));
  const isEmpty = Number(db.selectValue("SELECT count(*) FROM sqlite_schema")) === 0;
  if (!isEmpty && application !== APPLICATION_ID)
    throw new LibraryError(`${name} is not a library of Cutouts: import it instead of opening it`);
  if (version > steps.length)
    throw new LibraryError(
      `the library is of version ${version} and this app knows ${steps.length}: reload the page to update the app`,
    );
  if (version === steps.length) return null;
  const copy = isEmpty ? null : copyBefore(place, db, name, version);
  steps.slice(version).forEach((step, index) => {
    transaction(db, () => {
      db.exec(step);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + index + 1}`);
    });
  });
  return copy;
}

function copyBefore(place: Place, db: Database, name: string, version: number): string {
  const copy = name.replace(".sqlite", `-version-${version}.sqlite`);
  if (place.names().includes(copy)) place.remove(copy); // of a start that was killed here, perhaps half written
  db.exec("VACUUM INTO ?", { bind: [copy] });
  return copy;
}
