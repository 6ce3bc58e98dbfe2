/** Taking a file in: every row accounted for, once, and taken back together. */

import { expect, test } from "vitest";
import { type Intake, type IntakeOptions, takeIn } from "./intake.ts";
import { aCutout, emptyLibrary, type TestLibrary } from "./library.testing.ts";
import { editCutout, getCutout, insertCutout } from "./shelf.ts";
import { recorded, undoLast } from "./undo.ts";

const NOW = 1_700_000_000_000;
const CSV = `url,title,tags,note
https://example.org/a,First,"one,two",
javascript:alert(1),Script,,
https://example.org/b,Second,two,
https://example.org/a,First again,three,mine
`;

function take(library: TestLibrary, text: string, id = "id", options?: IntakeOptions): Promise<Intake> {
  return takeIn({ ...library, now: () => NOW }, id, new Blob([text]), options);
}

test("every row is added, merged or skipped, and those not simply added are named", async () => {
  const library = await emptyLibrary();
  const { lines, ...counts } = await take(library, CSV);
  expect(counts).toMatchObject({ added: 2, merged: 1, skipped: 1, isStopped: false, moreLines: 0 });
  expect(lines.map(({ row, did, why }) => [row, did, why])).toEqual([
    [2, "skipped", expect.stringContaining("script")],
    [4, "merged", "with “First”"],
  ]);
});

test("a copy adds its tags and note to what is there, and takes nothing away", async () => {
  const library = await emptyLibrary();
  const { db } = library;
  db.transaction(() =>
    insertCutout(
      db,
      aCutout({ key: "there", title: "Mine", note: "kept", address: "https://example.org/a", tags: ["own"] }),
    ),
  );
  await take(library, CSV);
  const there = getCutout(db, "there");
  expect([there?.title, there?.note]).toEqual(["Mine", "kept\n\nmine"]);
  expect(there?.tags.map(({ name }) => name)).toEqual(["one", "own", "three", "two"]);
});

test("passages and moments come in with their places, and a copy gives its place to what has none", async () => {
  const library = await emptyLibrary();
  const { db } = library;
  const plain = { kind: "text", body: "A line.", address: "https://example.org/a" } as const;
  insertCutout(db, aCutout({ key: "there", ...plain }));
  const lines = ["url,highlight,type", "https://example.org/a,A line.,text", "https://youtu.be/abc?t=62,,"];
  await take(library, lines.join("\n"));
  expect(db.selectArrays("SELECT kind, anchor FROM cutout ORDER BY id")).toEqual([
    ["text", '{"text":"A line."}'],
    ["video", '{"start":62}'],
  ]);
  editCutout(db, "id.2", { address: "https://youtu.be/abc?t=90" }, NOW);
  expect(getCutout(db, "id.2")).toMatchObject({ anchor: { start: 90 }, address: "https://youtu.be/abc?t=90" });
  editCutout(db, "there", { address: "https://example.org/b" }, NOW);
  expect(getCutout(db, "there")).toMatchObject({ anchor: { text: "A line." } });
});

test("undo takes the whole import back, merged copies too", async () => {
  const library = await emptyLibrary();
  const { db } = library;
  insertCutout(db, aCutout({ key: "there", title: "Mine", address: "https://example.org/r1" }));
  const before = db.selectArrays("SELECT * FROM cutout");
  const rows = Array.from({ length: 600 }, (_, row) => `https://example.org/r${row},Title ${row},x,`);
  await take(library, `url,title,tags,note\n${rows.join("\n")}\n`);
  expect(db.selectValue("SELECT count(*) FROM cutout")).toBe(600);
  expect(db.transaction(() => undoLast({ ...library, now: () => NOW }))).toBe("import");
  expect(db.selectArrays("SELECT * FROM cutout")).toEqual(before);
  expect(db.selectValue("SELECT count(*) FROM tag")).toBe(0);
});

test("the same import asked for again adds nothing twice, addresses or not", async () => {
  const library = await emptyLibrary();
  const notes = "title,text\nA,words of a\nB,words of b\n";
  await take(library, notes);
  expect(await take(library, notes)).toMatchObject({ added: 2, merged: 0 });
  expect(library.db.selectValue("SELECT count(*) FROM cutout")).toBe(2);
  await take(library, notes, "another");
  expect(library.db.selectValue("SELECT count(*) FROM cutout")).toBe(4);
});

test("an import that is stopped keeps what was durable and says so", async () => {
  const library = await emptyLibrary();
  const rows = Array.from({ length: 5000 }, (_, row) => `https://example.org/r${row},Title,,`);
  const stop = new AbortController();
  const onRows = () => stop.abort();
  const intake = await take(library, `url,title,tags,note\n${rows.join("\n")}\n`, "id", {
    signal: stop.signal,
    onRows,
  });
  expect(intake.isStopped).toBe(true);
  expect(intake.added).toBeGreaterThanOrEqual(250);
  expect(intake.added).toBeLessThan(5000);
  expect(library.db.selectValue("SELECT count(*) FROM cutout")).toBe(intake.added);
});

test("a file that is no export is refused by name", async () => {
  const library = await emptyLibrary();
  await expect(take(library, "just words")).rejects.toThrow("the file is no export that is known here");
});

test("what is done while an import goes on is taken back by itself, and before the import", async () => {
  const library = await emptyLibrary();
  const rows = Array.from({ length: 600 }, (_, row) => `https://example.org/r${row},Title,,`);
  const to = { ...library, now: () => NOW };
  let isSaved = false;
  const onRows = () => {
    if (isSaved) return;
    isSaved = true;
    library.db.transaction(() => recorded(to, "save", () => insertCutout(library.db, aCutout({ key: "meanwhile" }))));
  };
  await take(library, `url,title,tags,note\n${rows.join("\n")}\n`, "id", { onRows });
  expect(undoLast(to)).toBe("save");
  expect(library.db.selectValue("SELECT count(*) FROM cutout")).toBe(600);
  expect(undoLast(to)).toBe("import");
  expect(library.db.selectValue("SELECT count(*) FROM cutout")).toBe(0);
});
