/** The library that Python's tests read is the one that the app's code makes today. */

import { readFileSync } from "node:fs";
import type { Database } from "@sqlite.org/sqlite-wasm";
import { expect, test } from "vitest";
import { goldenLibrary, textsOf } from "./golden.testing.ts";
import { emptyLibrary, type TestLibrary } from "./library.testing.ts";
import { loadSqlite } from "./sqlite.ts";

const REPAIR = "run `node tools/golden_library.js` in web/, and say in the commit why the file changes";

function golden(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../tests/golden/${name}`, import.meta.url)));
}

/** Return the library that Python's tests read. */
async function committed(): Promise<TestLibrary> {
  const sqlite = await loadSqlite();
  sqlite.capi.sqlite3_js_posix_create_file("/golden.sqlite", golden("library.sqlite"));
  return { sqlite, db: new sqlite.oo1.DB("/golden.sqlite", "r") };
}

function schemaOf(db: Database): unknown[] {
  const versions = [db.selectValue("PRAGMA user_version"), db.selectValue("PRAGMA application_id")];
  return [...versions, ...db.selectArrays("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")];
}

/** Return every row of every table but those that full text keeps for itself, whose rows change with SQLite. */
function rowsOf(db: Database): Record<string, unknown> {
  const names = db.selectValues("SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  return Object.fromEntries(names.sort().map((name) => [String(name), db.selectArrays(`SELECT * FROM ${name}`)]));
}

test("the golden library has the tables of today", async () => {
  const { db } = await committed();
  expect(schemaOf(db), REPAIR).toEqual(schemaOf((await emptyLibrary()).db));
});

test("the golden library has the rows that the app's code makes", async () => {
  const [{ db }, made] = [await committed(), await goldenLibrary()];
  expect(rowsOf(db), REPAIR).toEqual(rowsOf(made.db));
});

test("no table of the golden library is empty, so Python's tests have something to read in each", async () => {
  const { db } = await committed();
  const empty = Object.entries(rowsOf(db)).filter(([, rows]) => (rows as unknown[]).length === 0);
  expect(empty).toEqual([]);
});

test("what a tagger reads is title and body, without the note", async () => {
  const texts = textsOf(await committed());
  expect(texts, REPAIR).toEqual(JSON.parse(new TextDecoder().decode(golden("library.json"))));
  expect([texts.pie, texts.image]).toEqual(["Apple pie\nPeel ripe apples.", "\n"]);
});

test("the tags that full text reads stand by name, not in the order they were given", async () => {
  const { db } = await committed();
  expect(db.selectValue("SELECT tags FROM cutout WHERE key = 'pie'")).toBe("Fruit\na word\u0301\nto cook");
});
