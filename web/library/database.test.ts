/** Opening: new, kept, damaged, newer and foreign files, and steps that fail. */

import { expect, test } from "vitest";
import { openDatabase, type Place } from "./database.ts";
import { aCutout } from "./library.testing.ts";
import { STEPS } from "./schema.ts";
import { insertCutout } from "./shelf.ts";
import { loadSqlite, memoryPlace } from "./sqlite.ts";

/** SQLite's own files in memory, emptied for each test. */
async function files(contents: Record<string, Uint8Array> = {}): Promise<Place> {
  const { oo1, capi } = await loadSqlite();
  const stored = new Set<string>();
  const write = (name: string, bytes: Uint8Array) => {
    stored.add(name);
    capi.sqlite3_js_posix_create_file(name, bytes);
  };
  for (const number of [1, 2, 3, 4]) capi.sqlite3_js_posix_create_file(`/library-${number}.sqlite`, new Uint8Array());
  for (const [name, bytes] of Object.entries(contents)) write(name, bytes);
  return {
    names: () => [...stored],
    open: (name) => {
      stored.add(name);
      return new oo1.DB(name, "c");
    },
    remove: (name) => write(name, new Uint8Array()),
  };
}

async function written(steps?: readonly string[]): Promise<Uint8Array> {
  const { capi } = await loadSqlite();
  const { db } = openDatabase(await memoryPlace(), steps);
  return capi.sqlite3_js_db_export(db);
}

test("a new library is number 1 and has every step taken", async () => {
  const { db, name, setAside } = openDatabase(await files());
  expect([name, setAside]).toEqual(["/library-1.sqlite", []]);
  expect(db.selectValue("PRAGMA user_version")).toBe(STEPS.length);
});

test("the newest library is opened, with what was in it", async () => {
  const place = await files();
  const { db } = openDatabase(place);
  insertCutout(db, aCutout({ title: "kept" }));
  db.close();
  expect(openDatabase(place).db.selectValue("SELECT title FROM cutout")).toBe("kept");
});

test("a damaged file is left as it is, and the next number begun", async () => {
  const place = await files({ "/library-3.sqlite": new TextEncoder().encode("no database ".repeat(1000)) });
  const { name, setAside } = openDatabase(place);
  expect([name, setAside]).toEqual(["/library-4.sqlite", ["/library-3.sqlite"]]);
});

test("a library of a newer version is refused, and not set aside", async () => {
  const place = await files({ "/library-1.sqlite": await written([...STEPS, "CREATE TABLE later (x)"]) });
  expect(() => openDatabase(place)).toThrow(/of version 2 and this app knows 1: reload the page/);
  expect(place.names()).toEqual(["/library-1.sqlite"]);
});

test("another program's database is refused by name", async () => {
  const { oo1, capi } = await loadSqlite();
  const db = new oo1.DB(":memory:", "c");
  db.exec("CREATE TABLE theirs (x)");
  const place = await files({ "/library-1.sqlite": capi.sqlite3_js_db_export(db) });
  expect(() => openDatabase(place)).toThrow("library-1.sqlite is not a library of Cutouts");
});

test("a step that fails leaves the version before, whole", async () => {
  const broken = [...STEPS, "CREATE TABLE later (x); INSERT INTO nowhere VALUES (1)"];
  const place = await files({ "/library-1.sqlite": await written() });
  const db = place.open("/library-1.sqlite");
  const left: unknown[] = [];
  const close = db.close.bind(db);
  db.close = () => {
    left.push(
      db.selectValue("PRAGMA user_version"),
      db.selectValue("SELECT name FROM sqlite_schema WHERE name = 'later'"),
    );
    close();
  };
  expect(() => openDatabase({ ...place, open: () => db }, broken)).toThrow("nowhere");
  expect(left).toEqual([STEPS.length, undefined]);
});

test("before a step a copy is kept that opens as the version before, in place of one half written", async () => {
  const { oo1, capi } = await loadSqlite();
  const place = await files({ "/library-1.sqlite": await written() });
  const killed = new TextEncoder().encode("half a copy");
  capi.sqlite3_js_posix_create_file("/library-1-version-1.sqlite", killed);
  const names = () => [...place.names(), "/library-1-version-1.sqlite"];
  const { copy } = openDatabase({ ...place, names }, [...STEPS, "CREATE TABLE later (x)"]);
  expect(copy).toBe("/library-1-version-1.sqlite");
  expect(new oo1.DB(copy ?? "", "r").selectValue("PRAGMA user_version")).toBe(1);
});
