/** A database file of a library goes in, the library in it comes out; the file is a stranger's until it was checked. */

import type { Database, Sqlite3Static, SqlValue } from "@sqlite.org/sqlite-wasm";
import { bytesOfHex } from "../asset.ts";
import { isDamage } from "../database.ts";
import { ImportError } from "../errors.ts";
import { readable } from "../importers/index.ts";
import { checkedModel, type RecordPart, Records } from "../record.ts";
import type { Vocabulary } from "../restore.ts";
import { APPLICATION_ID, STEPS } from "../schema.ts";
import { type Copy, type CopyRow, MOST_IMAGE_BYTES, returned } from "./copy.ts";

const MAGIC = "SQLite format 3\0";
const MOST_BYTES = 1_000_000_000; // it is read from memory, of which WebAssembly has 2 GB at most
const TABLES = ["cutout", "source", "tag", "cutout_tag", "asset", "batch", "model"];

/** Return the library in a file, or null when it is none; raise ImportError for one that is newer or damaged. */
export async function openLibraryFile(sqlite: Sqlite3Static, file: Blob): Promise<Copy | null> {
  const head = new DataView(await file.slice(0, 100).arrayBuffer());
  const magic = new TextDecoder("latin1").decode(new Uint8Array(head.buffer).subarray(0, MAGIC.length));
  if (head.byteLength < 100 || magic !== MAGIC || head.getUint32(68) !== APPLICATION_ID) return null;
  const version = head.getUint32(60);
  if (version > STEPS.length)
    throw new ImportError(
      `the library is of version ${version} and this app knows ${STEPS.length}: reload the page to update the app`,
    );
  if (file.size > MOST_BYTES)
    throw new ImportError(
      `the library has ${readable(file.size)} bytes, at most ${readable(MOST_BYTES)} are read: export it as an archive`,
    );
  const db = await inMemory(sqlite, file);
  try {
    const vocabulary = orDamaged(() => {
      check(db);
      return vocabularyOf(db);
    });
    return { format: "Cutouts (database)", vocabulary, rows: (isKept) => rowsOf(db, isKept), close: () => db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Return the file as a database that cannot be written. */
async function inMemory({ capi, wasm, oo1 }: Sqlite3Static, file: Blob): Promise<Database> {
  const place = wasm.alloc.impl(file.size) as number;
  if (place === 0)
    throw new ImportError(
      `the library has ${readable(file.size)} bytes, more than there is memory for: import the zip`,
    );
  try {
    await fill(wasm, place, file);
  } catch (error) {
    wasm.dealloc(place);
    throw error;
  }
  // A file in WAL mode asks for a second file beside it, which memory does not have.
  wasm.heap8u().fill(1, place + 18, place + 20);
  const db = new oo1.DB(":memory:", "c");
  const flags = capi.SQLITE_DESERIALIZE_FREEONCLOSE | capi.SQLITE_DESERIALIZE_READONLY;
  db.checkRc(capi.sqlite3_deserialize(db, "main", place, file.size, file.size, flags));
  return db;
}

/** Put a file into WebAssembly's memory, piece by piece. */
async function fill(wasm: Sqlite3Static["wasm"], place: number, file: Blob): Promise<void> {
  const reader = file.stream().getReader();
  let at = place;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    wasm.heap8u().set(next.value, at); // asked for each time: memory may have grown meanwhile
    at += next.value.length;
  }
}

/** Refuse what is no plain table where one is expected: a view or a computed column runs what its file says. */
function check(db: Database): void {
  db.exec(
    "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY",
  );
  for (const table of TABLES) {
    const isTable = db.selectValue(
      "SELECT type = 'table' AND rootpage > 0 FROM sqlite_schema WHERE name = ? COLLATE NOCASE",
      [table],
    );
    const computed = db.selectValue("SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden <> 0", [table]);
    if (isTable !== 1 || computed !== 0)
      throw new ImportError(`the library's ${table} is no plain table: another program made or changed the file`);
  }
}

function vocabularyOf(db: Database): Vocabulary {
  const { values: names } = valuesOf(db, "SELECT name FROM tag WHERE name <> '' ORDER BY id");
  return {
    tags: names.filter((name): name is string => typeof name === "string" && /[^\p{Cc}\s]/u.test(name)),
    models: db
      .selectObjects("SELECT sha256, name, space, at FROM model ORDER BY id")
      .flatMap((row) => checkedModel(row) ?? []),
  };
}

async function* rowsOf(db: Database, isKept: (sha256: string) => boolean): AsyncGenerator<CopyRow, void, undefined> {
  const ids = idsOf(db);
  const records = orDamaged(() => new Records(db));
  const imageOf = async (sha256: string) => {
    const bytes = unlessDamaged(() =>
      db.selectValue("SELECT bytes FROM asset WHERE sha256 = ? AND length(bytes) <= ?", [
        bytesOfHex(sha256),
        MOST_IMAGE_BYTES,
      ]),
    );
    return bytes instanceof Uint8Array ? bytes : "it is not in the file, or too large";
  };
  try {
    for (const [index, id] of ids.entries()) {
      const { record, without } = recordOf(records, id);
      if (record === DAMAGED) yield { row: index + 1, sample: `No. ${id}`, why: DAMAGED_HERE };
      if (record === DAMAGED || record === null) continue;
      const row = await returned(index + 1, record, imageOf, isKept);
      const lost = without.map((part) => `${part} (${DAMAGED_HERE})`);
      yield "record" in row ? { ...row, cut: [...row.cut, ...lost] } : row;
    }
  } finally {
    records.close();
  }
}

const DAMAGED_HERE = "the file is damaged here";

/** Return a record with as many of its parts as can be read, and which cannot. */
function recordOf(records: Records, id: number) {
  for (const without of LEFT_OUT) {
    const record = unlessDamaged(() => records.get(id, without));
    if (record !== DAMAGED) return { record, without };
  }
  return { record: DAMAGED, without: [] } as const;
}
const LEFT_OUT: readonly (readonly RecordPart[])[] = [[], ["source"], ["tags"], ["source", "tags"]];

const MOST_GAP = 1_000_000;

/** Return the ids of all cutouts; where some cannot be read, of those before and after, and each number in between. */
function idsOf(db: Database): number[] {
  const upwards = valuesOf(db, "SELECT id FROM cutout ORDER BY id");
  const before = upwards.values.map(Number);
  if (upwards.isWhole) return before;
  const after = valuesOf(db, "SELECT id FROM cutout ORDER BY id DESC").values.map(Number).reverse();
  if (before.length + after.length === 0) orDamaged(() => db.selectValue("SELECT id FROM cutout LIMIT 1"));
  const [from, to] = [before.at(-1) ?? 0, after[0] ?? 0];
  if (to <= from) return before;
  const gap = Array.from({ length: Math.min(to - from - 1, MOST_GAP) }, (_, index) => from + index + 1);
  return [...before, ...gap, ...after];
}

/** Return the first column of the rows up to the first that is damaged, and whether none was. */
function valuesOf(db: Database, sql: string): { values: SqlValue[]; isWhole: boolean } {
  const statement = orDamaged(() => db.prepare(sql));
  const values: SqlValue[] = [];
  const next = () => unlessDamaged(() => statement.step());
  try {
    let found = next();
    for (; found === true; found = next()) values.push(statement.get(0));
    return { values, isWhole: found === false };
  } finally {
    statement.finalize();
  }
}

const DAMAGED = Symbol("damaged");

function unlessDamaged<Result>(read: () => Result): Result | typeof DAMAGED {
  try {
    return read();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return DAMAGED;
  }
}

function orDamaged<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!isDamage(error) && !(error instanceof Error && /no such (?:table|column)/.test(error.message))) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new ImportError(`the library is damaged (${said}): copy or export it again`);
  }
}
