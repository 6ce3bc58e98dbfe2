/** Taken out and brought back: the same library from a copy, the same texts from every other format. */

import { expect, test } from "vitest";
import { keepOpened } from "../events.ts";
import { type Intake, takeIn } from "../intake.ts";
import { aCutout, emptyLibrary, type TestLibrary } from "../library.testing.ts";
import { editCutout, getCutout, insertCutout, tagCutout, trashCutout, untagCutout } from "../shelf.ts";
import { recorded, undoLast } from "../undo.ts";
import { exportFile } from "./index.ts";
import { everything, fileOf, NOW, sourceOf, stockedLibrary, TEXTS } from "./stocked.testing.ts";

let calls = 0;

function forget(db: TestLibrary["db"], key: string): void {
  trashCutout(db, key, NOW, { isTrashed: true });
  db.exec("DELETE FROM cutout WHERE key = ?", { bind: [key] });
}

function take(library: TestLibrary, file: Blob): Promise<Intake> {
  return takeIn({ ...library, now: () => NOW + 1000 }, `import ${++calls}`, file);
}

test.each(["zip", "database"] as const)("a library comes back from its %s with every row as it was", async (format) => {
  const library = await stockedLibrary();
  const back = await emptyLibrary();
  const intake = await take(back, await fileOf(library, format));
  expect(intake).toMatchObject({ added: TEXTS.length, merged: 0, skipped: 0, isChange: true, lines: [] });
  expect(everything(back.db)).toEqual(everything(library.db));
  expect(back.db.selectValues("SELECT rowid FROM words WHERE words MATCH 'Fruit'")).toEqual(
    library.db.selectValues("SELECT rowid FROM words WHERE words MATCH 'Fruit'"),
  );
});

test.each(["zip", "database"] as const)("what a %s brought is taken back together", async (format) => {
  const back = await emptyLibrary();
  await take(back, await fileOf(await stockedLibrary(), format));
  expect(back.db.transaction(() => undoLast({ ...back, now: () => NOW }))).toBe("import");
  const { cutout, source, tag, cutout_tag, asset } = everything(back.db);
  expect([cutout, source, tag, cutout_tag, asset]).toEqual([[], [], [], [], []]);
});

test.each(["zip", "database"] as const)(
  "a %s of a few cutouts holds those, with their tags and images",
  async (format) => {
    const library = await stockedLibrary();
    const keys = library.db.selectValues("SELECT key FROM cutout WHERE id IN (1, 3, 4)").map(String);
    const { file, cutouts, leftOut } = await exportFile(sourceOf(library), { format, keys: [...keys, "gone"] });
    expect([cutouts, leftOut]).toEqual([3, 1]);
    const back = await emptyLibrary();
    await take(back, file);
    for (const key of keys) expect(getCutout(back.db, key)).toEqual(getCutout(library.db, key));
    expect(back.db.selectValue("SELECT count(*) FROM cutout")).toBe(3);
    expect(back.db.selectValues("SELECT name FROM tag")).not.toContain("on nothing");
  },
);

test("brought back into itself, a library stays as it is and the file says so", async () => {
  const library = await stockedLibrary();
  const before = everything(library.db);
  const intake = await take(library, await fileOf(library, "zip"));
  expect(intake).toMatchObject({ added: 0, merged: TEXTS.length, skipped: 0, isChange: false });
  expect(new Set(intake.lines.map(({ why }) => why))).toEqual(new Set(["with itself, which was here already"]));
  expect(everything(library.db)).toEqual(before);
});

test.each(["here", "in the copy"])(
  "of a cutout that was changed later %s, that one counts, and tags are united",
  async (where) => {
    const [library, other] = [await stockedLibrary(), await stockedLibrary()];
    const [key, bare] = library.db.selectValues("SELECT key FROM cutout WHERE id IN (1, 3) ORDER BY id") as [
      string,
      string,
    ];
    const [early, late] = where === "here" ? [other, library] : [library, other];
    editCutout(early.db, key, { note: "early" }, NOW + 100);
    tagCutout(early.db, key, "early tag", NOW + 100);
    tagCutout(early.db, key, "given and taken", NOW + 100);
    editCutout(late.db, key, { note: "late" }, NOW + 200);
    tagCutout(late.db, key, "given and taken", NOW + 199);
    untagCutout(late.db, key, "given and taken", NOW + 200);
    trashCutout(late.db, key, NOW + 201, { isTrashed: true });
    tagCutout(other.db, bare, "only in the copy", NOW - 1);
    await take(library, await fileOf(other, "zip"));
    const found = getCutout(library.db, key);
    expect([found?.note, found?.changed, found?.trashed]).toEqual(["late", NOW + 201, NOW + 201]);
    const named = (name: string) => found?.tags.find((tag) => tag.name === name)?.origin;
    expect([named("early tag"), named("given and taken"), named("Fruit")]).toEqual(["person", "removed", "person"]);
    expect(getCutout(library.db, bare)?.tags.map(({ name }) => name)).toContain("only in the copy");
  },
);

test("an exported database is no WAL file, and holds nothing that was deleted, asked or opened", async () => {
  const library = await stockedLibrary();
  library.db.exec("INSERT INTO answered VALUES ('secret request', 1, 'true')");
  const [key = "", ...above] = library.db.selectValues("SELECT key FROM cutout").map(String);
  keepOpened(library.db, { query: "secret search", place: 1, key, above }, NOW);
  expect(library.db.selectValue("SELECT count(*) FROM event")).toBe(1);
  const secret = aCutout({ key: "secret", title: "a secretword", body: "秘密の言葉" });
  const save = () => insertCutout(library.db, secret);
  library.db.transaction(() => recorded({ ...library, now: () => NOW }, "save", save));
  library.db.transaction(() => recorded({ ...library, now: () => NOW }, "empty", () => forget(library.db, "secret")));
  const bytes = new Uint8Array(await (await fileOf(library, "database")).arrayBuffer());
  expect([...bytes.subarray(18, 20)]).toEqual([1, 1]);
  const found = new TextDecoder().decode(bytes);
  for (const word of ["secret request", "secret search", "ecretword", "秘密"]) expect(found).not.toContain(word);
  const back = await emptyLibrary();
  back.db.checkRc(
    back.sqlite.capi.sqlite3_deserialize(
      back.db,
      "main",
      back.sqlite.wasm.allocFromTypedArray(bytes),
      bytes.length,
      bytes.length,
      0,
    ),
  );
  expect(
    back.db.selectValues(
      "SELECT count(*) FROM undo UNION ALL SELECT count(*) FROM answered UNION ALL SELECT count(*) FROM event UNION ALL SELECT count(*) FROM event_above",
    ),
  ).toEqual([0, 0, 0, 0]);
  expect(back.db.selectValue("PRAGMA integrity_check")).toBe("ok");
});

test("the trash is in a copy and is counted as left out elsewhere", async () => {
  const source = sourceOf(await stockedLibrary());
  const counts = async (format: "zip" | "csv" | "markdown" | "bookmarks") => {
    const { cutouts, leftOut, name } = await exportFile(source, { format, keys: null });
    return [cutouts, leftOut, name];
  };
  expect(await counts("zip")).toEqual([8, 0, "cutouts-2023-11-14.zip"]);
  expect(await counts("csv")).toEqual([7, 1, "cutouts-2023-11-14.csv"]);
  expect(await counts("markdown")).toEqual([7, 1, "cutouts-markdown-2023-11-14.zip"]);
  expect(await counts("bookmarks")).toEqual([5, 3, "cutouts-bookmarks-2023-11-14.html"]);
});

test("an export that is stopped ends with the reason, after the cutouts it had come to", async () => {
  const stop = new AbortController();
  const rows: number[] = [];
  const onRows = (count: number) => {
    rows.push(count);
    stop.abort(new Error("enough"));
  };
  const library = await stockedLibrary();
  await expect(
    exportFile(sourceOf(library), { format: "zip", keys: null }, { signal: stop.signal, onRows }),
  ).rejects.toThrow("enough");
  expect(rows).toEqual([8]);
});

test("a format that is not known is refused by name", async () => {
  const source = sourceOf(await emptyLibrary());
  await expect(exportFile(source, { format: "pdf" as "csv", keys: null })).rejects.toThrow(
    "pdf is no format to export to: expected database, zip, bookmarks, markdown, csv",
  );
});
