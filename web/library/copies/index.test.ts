/** Copies of a stranger: what is wrong with them is left out and said, or refused by name. */

import { strToU8, type Zippable, zipSync } from "fflate";
import { expect, test } from "vitest";
import { hexOfBytes } from "../asset.ts";
import { fileOf, NOW, stockedLibrary } from "../exporters/stocked.testing.ts";
import { zipped } from "../exporters/zip.ts";
import { type Intake, takeIn } from "../intake.ts";
import { aCutout, emptyLibrary, type TestLibrary } from "../library.testing.ts";
import { editCutout, getCutout, insertCutout, untagCutout } from "../shelf.ts";
import { allTags } from "../tags.ts";
import { openCopy } from "./index.ts";
import { openZip, ZIP_LIMITS } from "./unzip.ts";

const HEAD = { format: "cutouts-library", version: 1, counts: { cutouts: 1, assets: 0 }, tags: [], models: [] };
const LINE = { key: "one", kind: "page", title: "One", address: "https://example.org/", created: NOW, tags: [] };
const SHA = "00".repeat(32);

function take(library: TestLibrary, file: Blob): Promise<Intake> {
  return takeIn({ ...library, now: () => NOW }, "id", file);
}

/** Return an archive of these lines, with other files beside them. */
function archiveOf(lines: readonly unknown[], head: object = HEAD, more: Zippable = {}): Blob {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  const files = { "library.json": strToU8(JSON.stringify(head)), "cutouts.jsonl": strToU8(text), ...more };
  return new Blob([zipSync(files) as BlobPart]);
}

test("a line that is no cutout is skipped with the reason, and the others are read", async () => {
  const library = await emptyLibrary();
  const { kind: _, ...kindless } = LINE;
  const lines = ["{", "[1]", { ...LINE, key: "" }, kindless, { ...LINE, created: "today" }, { ...LINE, note: 1 }, LINE];
  const intake = await take(library, archiveOf(lines, { ...HEAD, counts: { cutouts: 7 } }));
  expect(intake).toMatchObject({ format: "Cutouts (archive)", added: 1, skipped: 6 });
  expect(intake.lines.map(({ row, why }) => [row, why])).toEqual([
    [1, "the line is not whole JSON"],
    [2, "it is no object with fields"],
    [3, "it has no key of 1 to 1,000 characters"],
    [4, "its kind is none of text, page, image, video"],
    [5, "it does not say when it was saved, in milliseconds since 1970"],
    [6, "its note is no text"],
  ]);
});

test("an archive that says it holds more cutouts than it does is said to", async () => {
  const intake = await take(await emptyLibrary(), archiveOf([LINE], { ...HEAD, counts: { cutouts: 2 } }));
  expect(intake.lines).toMatchObject([{ row: 0, why: "the archive says that it holds 2 cutouts, and holds 1" }]);
});

test("parts of a cutout that cannot be kept are left out and said", async () => {
  const library = await emptyLibrary();
  const odd = {
    ...{
      ...LINE,
      address: "java\nscript:alert(1)",
      anchor: { start: "now" },
      asset: { sha256: SHA, type: "image/png" },
    },
    tags: [
      { name: "kept", origin: "person", at: 1 },
      { name: " ", origin: "person", at: 1 },
      { name: "x", origin: "me" },
    ],
  };
  const intake = await take(library, archiveOf([odd]));
  expect(intake.lines).toMatchObject([
    { did: "cut", why: "address, anchor, tags, image (it is not in the archive)", sample: "One" },
  ]);
  expect(library.db.selectArrays("SELECT address, anchor, asset, tags FROM cutout")).toEqual([
    ["", null, null, "kept"],
  ]);
});

test("an image that is not the one of its name is left out and said, its cutout is kept", async () => {
  const library = await emptyLibrary();
  const file = archiveOf([{ ...LINE, asset: { sha256: SHA, type: "image/png" } }], HEAD, {
    [`assets/${SHA}.png`]: strToU8("another image"),
  });
  expect((await take(library, file)).lines).toMatchObject([
    { did: "cut", why: "image (it is not the one of its hash)" },
  ]);
  expect(library.db.selectArrays("SELECT count(*), (SELECT count(*) FROM asset) FROM cutout")).toEqual([[1, 0]]);
});

test("of a source what is too long, no icon's address or no text is left out and said", async () => {
  const library = await emptyLibrary();
  const source = { html: "<b>".repeat(400_000), description: "kept", iconAddress: "javascript:alert(1)" };
  const icon = { sha256: SHA, type: "image/svg+xml" };
  const lines = [
    { ...LINE, source, icon, language: "en\nus" },
    { ...LINE, key: "two", source: { html: ["<b>"] }, language: "pt_br" },
    { ...LINE, key: "three", source: "all" },
  ];
  const intake = await take(library, archiveOf(lines, { ...HEAD, counts: { cutouts: 3 } }));
  expect(intake.lines.map(({ why }) => why)).toEqual([
    "language, icon, formatted text, address of the icon",
    "formatted text",
    "source",
  ]);
  expect(library.db.selectArrays("SELECT * FROM source")).toEqual([[1, "", "kept", ""]]);
  expect(library.db.selectArrays("SELECT icon, language FROM cutout")).toEqual([
    [null, ""],
    [null, "pt-BR"],
    [null, ""],
  ]);
});

test("an icon that is too large is left out, given with the cutout or there as another's image", async () => {
  const library = await emptyLibrary();
  const bytes = new Uint8Array(32_001);
  const sha256 = hexOfBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  const asset = { sha256, type: "image/png" };
  const lines = [
    { ...LINE, icon: asset },
    { ...LINE, key: "two", asset },
    { ...LINE, key: "three", icon: asset },
  ];
  const head = { ...HEAD, counts: { cutouts: 3 } };
  const intake = await take(library, archiveOf(lines, head, { [`assets/${sha256}.png`]: bytes }));
  expect(intake.lines[0]).toMatchObject({ did: "cut", why: "icon (it is too large)" });
  expect(library.db.selectArrays("SELECT key, asset IS NULL, icon IS NULL FROM cutout")).toEqual([
    ["one", 1, 1],
    ["two", 0, 1],
    ["three", 1, 1],
  ]);
});

test("an image that says it is a page is kept as bytes of no kind", async () => {
  const library = await emptyLibrary();
  const bytes = strToU8("<script>alert(1)</script>");
  const hash = hexOfBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource)));
  await take(
    library,
    archiveOf([{ ...LINE, asset: { sha256: hash, type: "text/html" } }], HEAD, { [`assets/${hash}`]: bytes }),
  );
  expect(library.db.selectValue("SELECT type FROM asset")).toBe("application/octet-stream");
});

test.each(["../../evil.sh", "/etc/passwd", "C:\\evil", "a\\..\\b", "assets/../../x"])(
  "a file of an archive called %j is not read and said",
  async (name) => {
    const intake = await take(await emptyLibrary(), archiveOf([LINE], HEAD, { [name]: strToU8("x") }));
    expect(intake).toMatchObject({ added: 1, skipped: 1 });
    expect(intake.lines[0]).toMatchObject({
      row: 0,
      sample: name,
      why: expect.stringContaining("leads out of the archive"),
    });
  },
);

test("a folder that a system packed again is read, with what it added passed over", async () => {
  const files = { "library.json": strToU8(JSON.stringify(HEAD)), "cutouts.jsonl": strToU8(JSON.stringify(LINE)) };
  const packed = zipSync({ "my library": files, __MACOSX: { "._x": strToU8("x") } }, { level: 0 });
  expect(await take(await emptyLibrary(), new Blob([packed as BlobPart]))).toMatchObject({ added: 1, lines: [] });
});

test.each([
  [
    archiveOf([LINE], { ...HEAD, version: 2 }),
    "the library was written in version 2 of its format and this app reads 1",
  ],
  [
    new Blob([zipSync({ "library.json": strToU8(JSON.stringify(HEAD)) }) as BlobPart]),
    "the archive holds no cutouts.jsonl",
  ],
  [new Blob([zipSync({ "photo.jpg": strToU8("x") }) as BlobPart]), "the file is a ZIP archive: unpack it"],
  [archiveOf([LINE]).slice(0, 200), "the zip is damaged (it has no list of its files, so its end is missing)"],
])("an archive that cannot be read is refused by name (%#)", async (file, why) => {
  await expect(take(await emptyLibrary(), file)).rejects.toThrow(why);
});

test("an archive in which a byte was changed is said to be damaged", async () => {
  const bytes = new Uint8Array(await (await fileOf(await stockedLibrary(), "zip")).arrayBuffer());
  for (let at = 60; at < 400; at += 36) {
    const library = await emptyLibrary();
    const broken = bytes.slice();
    broken[at] = (broken[at] ?? 0) ^ 0x55;
    await expect(take(library, new Blob([broken]))).rejects.toThrow("the zip is damaged");
  }
});

test("an archive of more files, or of far more bytes than its own, is stopped while it is unpacked", async () => {
  const { sqlite } = await emptyLibrary();
  const bomb = archiveOf([LINE, " ".repeat(3_000_000)]);
  const read = async (limits: Partial<typeof ZIP_LIMITS>) => {
    const copy = await openCopy(sqlite, bomb, { ...ZIP_LIMITS, ...limits });
    let rows = 0;
    for await (const _ of copy?.rows(() => false) ?? []) rows += 1;
    return rows;
  };
  expect(await read({})).toBe(1);
  await expect(read({ entries: 1 })).rejects.toThrow("the zip holds 2 files, at most 1 are read");
  await expect(read({ bytes: 0 })).rejects.toThrow("the zip unpacks to far more than it can hold: it is no library");
});

test("70,000 files fit into an archive and are all found again", async () => {
  async function* entries() {
    for (let file = 0; file < 70_000; file += 1) yield { name: `${file}`, pieces: [], isPacked: false };
  }
  const parts: BlobPart[] = [];
  for await (const piece of zipped(entries(), NOW)) parts.push(piece as BlobPart);
  const zip = await openZip(new Blob(parts));
  expect(zip?.entries.length).toBe(70_000);
  expect(zip?.entries.at(-1)?.name).toBe("69999");
});

test("cutouts.jsonl alone brings everything but images and tags that no cutout has", async () => {
  const [library, back] = [await stockedLibrary(), await emptyLibrary()];
  const zip = await openZip(await fileOf(library, "zip"));
  const entry = zip?.entries.find(({ name }) => name === "cutouts.jsonl");
  const bytes = entry && (await zip?.bytes(entry, 1e6));
  const intake = await take(back, new Blob([bytes as BlobPart]));
  expect(intake).toMatchObject({ format: "Cutouts (cutouts.jsonl alone)", added: 8, skipped: 0 });
  expect(allTags(back.db)).toEqual(allTags(library.db));
  expect(intake.lines.map(({ why }) => why)).toEqual([
    "icon (choose the archive itself to bring images too)",
    "image (choose the archive itself to bring images too)",
    "icon (choose the archive itself to bring images too)",
    "image (choose the archive itself to bring images too)",
  ]);
});

/** Return the file of a library after some change of another program. */
async function changedFile(sql: string): Promise<Blob> {
  const { sqlite, db } = await stockedLibrary();
  db.exec(`PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON; ${sql}`);
  return new Blob([sqlite.capi.sqlite3_js_db_export(db) as BlobPart]);
}

test.each([
  ["PRAGMA user_version = 99", "the library is of version 99 and this app knows 1"],
  ["DROP TABLE model; CREATE VIEW model AS SELECT 1 AS id", "the library's model is no plain table"],
  [
    "DROP TABLE batch; CREATE TABLE batch (id INTEGER PRIMARY KEY, source TEXT, at AS (id + 1))",
    "the library's batch is no plain table",
  ],
  ["DROP TABLE batch", "the library's batch is no plain table"],
  ["PRAGMA application_id = 7", "the file is a database"],
])("a database after %j is refused by name", async (sql, why) => {
  await expect(take(await emptyLibrary(), await changedFile(sql))).rejects.toThrow(why);
});

test("what was done after the clock was set back is not undone by a copy from before", async () => {
  const library = await emptyLibrary();
  const { db } = library;
  db.transaction(() => insertCutout(db, aCutout({ key: "one", tags: ["given"], created: NOW })));
  editCutout(db, "one", { note: "before" }, NOW + 1000);
  const copy = await fileOf(library, "zip");
  editCutout(db, "one", { note: "after" }, NOW - 3_600_000);
  untagCutout(db, "one", "given", NOW - 3_600_000);
  expect(await take(library, copy)).toMatchObject({ added: 0, merged: 1 });
  expect(getCutout(db, "one")).toMatchObject({ note: "after", tags: [{ name: "given", origin: "removed" }] });
});

test("of a database with damage in its middle, what stands before and behind comes back, and the rest is named", async () => {
  const library = await emptyLibrary();
  for (let number = 1; number <= 300; number++)
    insertCutout(library.db, aCutout({ key: `${number}`, title: `No. ${number}`, body: "words ".repeat(300) }));
  const bytes = new Uint8Array(await (await fileOf(library, "database")).arrayBuffer());
  const place = new TextDecoder("latin1").decode(bytes).indexOf("No. 150words");
  bytes.fill(0xee, place & ~4095, (place & ~4095) + 8 * 4096);
  const { added, skipped, lines } = await take(await emptyLibrary(), new Blob([bytes]));
  expect(added).toBeGreaterThan(250);
  expect(added).toBeLessThan(300);
  expect(added + skipped).toBe(300);
  expect(lines.at(-1)).toMatchObject({ did: "skipped", why: "the file is damaged here" });
});

test("of a database whose sources alone are damaged, every cutout comes back without what was lost", async () => {
  const library = await emptyLibrary();
  const source = { html: `<b>${"much ".repeat(4000)}</b>`, description: "", iconAddress: "" };
  library.db.transaction(() =>
    insertCutout(library.db, aCutout({ key: "one", title: "One", tags: ["Fruit"], source })),
  );
  const bytes = new Uint8Array(await (await fileOf(library, "database")).arrayBuffer());
  const start = new TextDecoder("latin1").decode(bytes).indexOf("<b>much") & ~4095;
  bytes.fill(0xee, start, start + 4096);
  const back = await emptyLibrary();
  const { added, lines } = await take(back, new Blob([bytes]));
  expect([added, lines.map(({ why }) => why)]).toEqual([1, ["source (the file is damaged here)"]]);
  expect(getCutout(back.db, "one")).toMatchObject({ title: "One", source: null, tags: [{ name: "Fruit" }] });
});

test("a damaged database is refused, or brings what could be read of it", async () => {
  const bytes = new Uint8Array(await (await fileOf(await stockedLibrary(), "database")).arrayBuffer());
  for (let page = 1; page < bytes.length / 4096; page += 3) {
    const broken = bytes.slice();
    broken.fill(0xee, page * 4096, page * 4096 + 200);
    const outcome = await take(await emptyLibrary(), new Blob([broken])).then(
      ({ added, skipped }) => added + skipped,
      (error: Error) => `${error.name} ${error.message}`,
    );
    if (typeof outcome === "string") expect(outcome).toMatch(/^ImportError the library(?: is damaged|'s)/);
  }
});
