/** Every change and its way back. */

import { expect, test } from "vitest";
import { bytesOfHex } from "./asset.ts";
import { aCutout, emptyLibrary, type TestLibrary } from "./library.testing.ts";
import { editCutout, emptyTrash, getCutout, insertCutout, tagCutout, trashCutout, untagCutout } from "./shelf.ts";
import { allTags, deleteTag, renameTag } from "./tags.ts";
import { newAction, recorded, undoLast } from "./undo.ts";

const NOW = 1_700_000_000_001;
const ICON = "ab".repeat(32);
const SOURCE = { html: "<b>bread</b>", description: "", iconAddress: "https://example.org/icon.png" };

function make(library: TestLibrary, what: string, change: () => unknown, action?: number): void {
  library.db.transaction(() => recorded({ ...library, now: () => NOW }, what, change, action));
}

function undo(library: TestLibrary): string | null {
  return library.db.transaction(() => undoLast({ ...library, now: () => NOW }));
}

/** Return every row that a person's doing can change, and what full text finds. */
function everything({ db }: TestLibrary): unknown {
  const tables = ["cutout", "source", "tag", "cutout_tag", "asset"];
  const words = db.selectArrays("SELECT rowid FROM words WHERE words MATCH 'bread OR cake OR sweet OR food'");
  return [...tables.map((table) => db.selectArrays(`SELECT * FROM ${table} ORDER BY 1, 2`)), words];
}

const changes: Record<string, (library: TestLibrary) => unknown> = {
  save: ({ db }) => insertCutout(db, aCutout({ key: "new", title: "cake", tags: ["Sweet", "food"], source: SOURCE })),
  edit: ({ db }) => editCutout(db, "one", { title: "cake", address: "https://www.example.org/cake" }, NOW),
  "edit a text": ({ db }) => editCutout(db, "one", { body: "other words" }, NOW),
  tag: ({ db }) => tagCutout(db, "one", "sweet", NOW),
  "keep a model's tag": ({ db }) => tagCutout(db, "one", "baking", NOW),
  untag: ({ db }) => untagCutout(db, "one", "food", NOW),
  trash: ({ db }) => trashCutout(db, "one", NOW, { isTrashed: true }),
  rename: ({ db }) => renameTag(db, "food", "sweet"),
  merge: ({ db }) => renameTag(db, "food", "baking"),
  "delete a tag": ({ db }) => deleteTag(db, "food"),
  "empty the trash": ({ db }) => emptyTrash(db),
};

async function stocked(): Promise<TestLibrary> {
  const library = await emptyLibrary();
  const { db } = library;
  db.transaction(() => {
    db.exec("INSERT INTO asset VALUES (?, 'image/png', x'00')", { bind: [bytesOfHex(ICON)] });
    insertCutout(db, aCutout({ key: "one", title: "bread", tags: ["food"], source: SOURCE }));
    insertCutout(db, aCutout({ key: "two", title: "old bread", tags: ["food"], icon: ICON, source: SOURCE }));
    trashCutout(db, "two", NOW, { isTrashed: true });
    db.exec("INSERT INTO tag (name, folded) VALUES ('baking', 'baking')");
    db.exec("INSERT INTO cutout_tag SELECT 1, id, 'model', NULL, 0.9, 1 FROM tag WHERE name = 'baking'");
  });
  return library;
}

for (const [what, change] of Object.entries(changes)) {
  test(`undo takes back: ${what}`, async () => {
    const library = await stocked();
    const before = everything(library);
    make(library, what, () => change(library));
    expect(everything(library)).not.toEqual(before);
    expect(undo(library)).toBe(what);
    expect(everything(library)).toEqual(before);
    library.db.exec("INSERT INTO words (words) VALUES ('integrity-check')");
    expect(library.db.selectValue("PRAGMA integrity_check")).toBe("ok");
  });
}

test("changes are taken back one after the other, the last first, until none is left", async () => {
  const library = await stocked();
  const before = everything(library);
  const names = ["edit", "tag", "save", "trash"];
  for (const what of names) make(library, what, () => changes[what]?.(library));
  for (const what of names.toReversed()) expect(undo(library)).toBe(what);
  expect(undo(library)).toBeNull();
  expect(everything(library)).toEqual(before);
});

test("undo of a save also takes what a model has made of the cutout since", async () => {
  const library = await stocked();
  const { db } = library;
  make(library, "save", () => insertCutout(db, aCutout({ key: "new", title: "cake" })));
  db.exec("INSERT INTO cutout_tag SELECT 3, id, 'model', NULL, 0.9, 1 FROM tag WHERE name = 'baking'");
  undo(library);
  expect(getCutout(db, "new")).toBeNull();
  expect(db.selectValue("SELECT count(*) FROM cutout_tag WHERE cutout = 3")).toBe(0);
});

test("a change that throws leaves neither rows nor a way back", async () => {
  const library = await stocked();
  const before = everything(library);
  const fail = () => {
    tagCutout(library.db, "one", "sweet", NOW);
    throw new Error("no");
  };
  expect(() => make(library, "tag", fail)).toThrow("no");
  expect(everything(library)).toEqual(before);
  expect(undo(library)).toBeNull();
});

test("a tag that the person removed counts no more and is found no more", async () => {
  const { db } = await stocked();
  untagCutout(db, "one", "FOOD", NOW);
  expect(getCutout(db, "one")?.tags.map(({ name, origin }) => `${name} ${origin}`)).toEqual([
    "baking model",
    "food removed",
  ]);
  expect(allTags(db).map(({ name }) => name)).toEqual(["baking"]);
  expect(db.selectArrays("SELECT rowid FROM words WHERE words MATCH 'food'")).toEqual([[2]]);
});

test("what belongs to one action is taken back together", async () => {
  const library = await stocked();
  const before = everything(library);
  const action = newAction(library.db);
  for (const what of ["edit", "tag", "save"]) make(library, "import", () => changes[what]?.(library), action);
  expect(undo(library)).toBe("import");
  expect(everything(library)).toEqual(before);
  expect(undo(library)).toBeNull();
});

test("only the last hundred actions can be taken back, and none that is larger than 64 MB", async () => {
  const library = await stocked();
  for (let number = 0; number < 103; number++)
    make(library, `edit ${number}`, () => editCutout(library.db, "one", { title: `${number}` }, NOW));
  expect(library.db.selectArrays("SELECT min(action), count(*) FROM undo")).toEqual([[4, 100]]);
  library.db.exec("UPDATE asset SET bytes = zeroblob(65000000)");
  make(library, "large", () => library.db.exec("UPDATE asset SET bytes = x'00'"));
  expect(library.db.selectValue("SELECT count(*) FROM undo")).toBe(0);
});

test("a tag that is renamed is found by its new name, in its new place among the others", async () => {
  const { db } = await stocked();
  tagCutout(db, "one", "sweet", NOW);
  renameTag(db, "food", "zest");
  expect(db.selectValues("SELECT tags FROM cutout ORDER BY id")).toEqual(["sweet\nzest", "zest"]);
  expect(db.selectValues("SELECT rowid FROM words WHERE words MATCH 'food OR zest' ORDER BY rowid")).toEqual([1, 2]);
  db.exec("INSERT INTO words (words) VALUES ('integrity-check')");
});
