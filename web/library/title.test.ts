/** Titles in; fails where two that are one title have other numbers, or where a writer forgets the number. */

import { expect, test } from "vitest";
import { A_RECORD, aCutout, emptyLibrary, type TestLibrary } from "./library.testing.ts";
import { restoreRecord } from "./restore.ts";
import { editCutout, insertCutout, mergeCutout } from "./shelf.ts";
import { titleHash } from "./title.ts";
import { recorded, undoLast } from "./undo.ts";

const NOW = 1_700_000_000_001;

test("capitals, accents, quotes and spaces make no other number, letters do", () => {
  for (const same of ["creme brulee", " CRE\u0300ME  “Brûlée”".replace(/[“”]/g, '"'), "Crème\nbrûlée"])
    expect(titleHash(same)).toBe(titleHash("Crème brûlée"));
  expect(titleHash("creme brule")).not.toBe(titleHash("creme brulee"));
  expect(titleHash("a")).toBe(0xe40c292c | 0); // FNV-1a of "a", as published
});

test("a title without a letter or digit has no number", () => {
  for (const title of ["", " ", "…", "\u0301"]) expect(titleHash(title)).toBeNull();
});

test("whoever writes a title writes its number", async () => {
  const library = { ...(await emptyLibrary()), now: () => NOW };
  const { db } = library;
  insertCutout(db, aCutout({ key: "one", title: "Bread" }));
  check(library, "Bread");
  db.transaction(() => recorded(library, "edit", () => editCutout(db, "one", { title: "Rye" }, NOW)));
  check(library, "Rye");
  db.transaction(() => undoLast(library));
  check(library, "Bread");
  editCutout(db, "one", { title: "" }, NOW);
  check(library, "");
  mergeCutout(db, "one", { title: "Cake", body: "", note: "", tags: [] }, NOW);
  check(library, "Cake");
  restoreRecord(db, { ...A_RECORD, key: "one", title: "Pie", changed: NOW + 1 });
  check(library, "Pie");
  restoreRecord(db, { ...A_RECORD, key: "two", title: "Tart", changed: NOW + 1 });
  check(library, "Pie", "Tart");
});

function check({ db }: TestLibrary, ...titles: string[]): void {
  const rows = db.selectArrays("SELECT title, title_hash FROM cutout ORDER BY id");
  expect(rows).toEqual(titles.map((title) => [title, titleHash(title)]));
}
