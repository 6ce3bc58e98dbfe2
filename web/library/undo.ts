/**
 * A change goes in, is made, and can be taken back. Transactions are the caller's.
 *
 * SQLite's session extension notes which rows a change touched (https://sqlite.org/sessionintro.html); what turns them
 * back is kept in the table `undo`. So no change needs an opposite written by hand, and none can be forgotten.
 */

import type { Database, Sqlite3Static, WasmPointer } from "@sqlite.org/sqlite-wasm";

/** The tables that hold what a person did; the rest is made from them, by triggers and jobs. */
const TABLES = ["asset", "cutout", "source", "tag", "cutout_tag"];
const ACTIONS = 100; // that can be taken back
const BYTES = 64_000_000; // of the ways back; an action that takes more cannot be taken back

/** Return the number of an action that begins now; what is recorded under one number is taken back together. */
export function newAction(db: Database): number {
  return Number(db.selectValue("SELECT coalesce(max(action), 0) + 1 FROM undo"));
}

/** Return what `change` returns, and keep the way back. */
export function recorded<Result>(
  { sqlite, db, now }: Recorder,
  what: string,
  change: () => Result,
  action: number = newAction(db),
): Result {
  const session = new Session(sqlite, db);
  try {
    const result = change();
    const inverse = session.inverse();
    if (inverse.length > 0) {
      db.exec("INSERT INTO undo (action, at, what, change) VALUES (?, ?, ?, ?)", {
        bind: [action, now(), what, inverse],
      });
      forget(db);
    }
    return result;
  } finally {
    session.end();
  }
}

/** What is needed to note a change. */
export interface Recorder {
  readonly sqlite: Sqlite3Static;
  readonly db: Database;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Forget the oldest actions, each as a whole, so that the ways back stay small beside the library. */
function forget(db: Database): void {
  db.exec(
    `DELETE FROM undo WHERE action <= (SELECT max(action) FROM undo) - ? OR action <= (
       SELECT max(action) FROM (SELECT action, sum(sum(length(change))) OVER (ORDER BY action DESC) AS bytes
       FROM undo GROUP BY action) WHERE bytes > ?)`,
    { bind: [ACTIONS, BYTES] },
  );
}

/** Take the last action back and return what it was, or null when there is none. */
export function undoLast({ sqlite, db }: Recorder): string | null {
  const last = db.selectArray("SELECT action, what FROM undo ORDER BY action DESC LIMIT 1");
  if (last === undefined) return null;
  const [action, what] = last as [number, string];
  for (const change of db.selectValues("SELECT change FROM undo WHERE action = ? ORDER BY id DESC", [action]))
    apply(sqlite, db, change as Uint8Array);
  db.exec("DELETE FROM undo WHERE action = ?", { bind: [action] });
  return what;
}

/** What SQLite notes from its beginning to its end. */
class Session {
  private readonly sqlite: Sqlite3Static;
  private readonly pointer: WasmPointer;

  constructor(sqlite: Sqlite3Static, db: Database) {
    this.sqlite = sqlite;
    const { capi, wasm } = sqlite;
    this.pointer = scoped(sqlite, () => {
      const out = pointers(sqlite)[0];
      check(sqlite, capi.sqlite3session_create(db, "main", out));
      return wasm.peekPtr(out);
    });
    for (const table of TABLES) check(sqlite, capi.sqlite3session_attach(this.pointer, table));
  }

  /** Return the changeset that turns back what was done so far; empty when nothing was. */
  inverse(): Uint8Array {
    const { capi, wasm } = this.sqlite;
    return scoped(this.sqlite, () => {
      const [size, bytes, inverseSize, inverse] = pointers(this.sqlite);
      check(this.sqlite, capi.sqlite3session_changeset(this.pointer, size, bytes));
      const made = wasm.peekPtr(bytes);
      try {
        check(this.sqlite, capi.sqlite3changeset_invert(wasm.peek32(size), made, inverseSize, inverse));
        const start = wasm.peekPtr(inverse);
        const found = wasm.heap8u().slice(start, start + wasm.peek32(inverseSize));
        capi.sqlite3_free(start);
        return found;
      } finally {
        capi.sqlite3_free(made);
      }
    });
  }

  end(): void {
    this.sqlite.capi.sqlite3session_delete(this.pointer);
  }
}

/**
 * Make the changes of a changeset. Rows that a model or a trigger changed since give way: changes are taken back from
 * the last on, so nothing that the person did stands in between.
 */
function apply(sqlite: Sqlite3Static, db: Database, change: Uint8Array): void {
  const { capi, wasm } = sqlite;
  const bytes = wasm.allocFromTypedArray(change);
  const onConflict = (_: WasmPointer, kind: number) => {
    if (kind === capi.SQLITE_CHANGESET_DATA || kind === capi.SQLITE_CHANGESET_CONFLICT)
      return capi.SQLITE_CHANGESET_REPLACE;
    return kind === capi.SQLITE_CHANGESET_NOTFOUND ? capi.SQLITE_CHANGESET_OMIT : capi.SQLITE_CHANGESET_ABORT;
  };
  try {
    check(
      sqlite,
      capi.sqlite3changeset_apply(db, change.length, bytes, () => 1, onConflict, 0),
    );
  } finally {
    wasm.dealloc(bytes);
  }
}

function scoped<Result>(sqlite: Sqlite3Static, work: () => Result): Result {
  const scope = sqlite.wasm.scopedAllocPush();
  try {
    return work();
  } finally {
    sqlite.wasm.scopedAllocPop(scope);
  }
}

/** Return room for four pointers or numbers, until the scope ends. */
function pointers({ wasm }: Sqlite3Static): [WasmPointer, WasmPointer, WasmPointer, WasmPointer] {
  const place = wasm.scopedAlloc(32);
  wasm.heap8u().fill(0, place, place + 32);
  return [place, place + 8, place + 16, place + 24];
}

function check({ SQLite3Error }: Sqlite3Static, code: number): void {
  if (code !== 0) throw new SQLite3Error(code);
}
