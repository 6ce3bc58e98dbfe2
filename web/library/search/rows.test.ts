/** A library with a common word in; fails where what is kept of the word is not what full text holds. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { expect, test } from "vitest";
import { aCutout, emptyLibrary } from "../library.testing.ts";
import { editCutout, insertCutout } from "../shelf.ts";
import { recorded, undoLast } from "../undo.ts";
import { allowedBy } from "./filters.ts";
import { parseQuery } from "./query.ts";
import { COMMON, followChanges, KEPT_FROM, rowsOf, sharedBy } from "./rows.ts";
import { findWords } from "./words.ts";

const MANY = COMMON + 100;

async function libraryOfCommonWords() {
  const library = await emptyLibrary();
  library.db.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
    INSERT INTO cutout (key, kind, title, created, changed)
    SELECT i, 'page', 'every ' || iif(i % 50 = 0, 'rare', iif(i % 100 = 1, '', 'other')), i, i FROM n`);
  return { ...library, now: () => 1 };
}

function held(db: Database, match: string): number[] {
  return db.selectValues("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC", [match]).map(Number);
}

function found(db: Database, ...matches: string[]): readonly number[] {
  followChanges(db);
  const allowed = allowedBy(db, parseQuery("").filters);
  const rows = matches.map((match) => rowsOf(db, match));
  const { total, newest } = sharedBy(rows, allowed, 1e6);
  expect(total).toBe(newest.length);
  return newest;
}

test("a common word is kept, and what is kept follows additions, edits, deletions and undo", async () => {
  const library = await libraryOfCommonWords();
  const { db } = library;
  const same = () => expect(found(db, '"every"')).toEqual(held(db, '"every"'));
  same();
  expect(rowsOf(db, '"every"').bits).not.toBeNull();
  expect(rowsOf(db, '"rare"')).toMatchObject({ count: MANY / 50, bits: null });
  expect(MANY / 50).toBeLessThan(KEPT_FROM);
  const kept = rowsOf(db, '"every"').bits;
  expect(rowsOf(db, '"every"').bits).toBe(kept);
  for (let n = 0; n < 40; n++) insertCutout(db, aCutout({ key: `new ${n}`, title: n % 2 ? "every" : "none" }));
  same();
  db.transaction(() => recorded(library, "edit", () => editCutout(db, "7", { title: "gone" }, 1)));
  same();
  expect(found(db, '"every"')).not.toContain(7);
  db.transaction(() => undoLast(library));
  same();
  expect(found(db, '"every"')).toContain(7);
  db.exec("DELETE FROM cutout WHERE id IN (3, 8000)");
  same();
  db.exec("UPDATE cutout SET title = 'every' || id"); // more than is followed one by one
  same();
});

test("words in few and in most cutouts are found together as full text finds them, without the trash", async () => {
  const { db } = await libraryOfCommonWords();
  for (const match of ['"every" AND "rare"', '"every" AND "other"', '"rare" AND "other"', '"every"'])
    expect(found(db, ...match.split(" AND "))).toEqual(held(db, match));
  db.exec("UPDATE cutout SET trashed = 1 WHERE id IN (50, 51)");
  expect(found(db, '"every"', '"rare"')).toEqual(held(db, '"rare"').filter((id) => id !== 50));
  expect(found(db, '"every"')).toEqual(held(db, '"every"').filter((id) => id !== 50 && id !== 51));
});

test("those beyond the newest that are asked for are counted too, without the trash and by a filter", async () => {
  const { db } = await libraryOfCommonWords();
  db.exec("UPDATE cutout SET trashed = 1 WHERE id IN (50, 51, 700)");
  db.exec("UPDATE cutout SET kind = 'text' WHERE id % 7 = 0");
  followChanges(db);
  const shared = (typed: string) => sharedBy([rowsOf(db, '"every"')], allowedBy(db, parseQuery(typed).filters), 10);
  expect(shared("")).toMatchObject({ total: MANY - 3, newest: { length: 10 } });
  expect(shared("kind:text").total).toBe(Math.floor(MANY / 7) - 1);
});

test("without a word nothing is found", async () => {
  const { db } = await libraryOfCommonWords();
  const allowed = allowedBy(db, parseQuery("").filters);
  expect(sharedBy([], allowed, 10)).toEqual({ total: 0, newest: [] });
  expect(findWords(db, [], allowed)).toMatchObject({ total: 0, ids: [] });
});
