/** What stays beside a cutout of its page, what goes with an edit, and which icons and languages are none. */

import { expect, test } from "vitest";
import { bytesOfHex } from "./asset.ts";
import { aCutout, emptyLibrary } from "./library.testing.ts";
import { editCutout, emptyTrash, getCutout, insertCutout, mergeCutout, trashCutout } from "./shelf.ts";
import { checkedSource, isIcon, languageOf } from "./source.ts";

const NOW = 1_700_000_000_001;
const ICON = "cd".repeat(32);
const SOURCE = { html: "<p>bread</p>", description: "On bread", iconAddress: "https://example.org/icon.png" };

async function libraryWith(part: Parameters<typeof aCutout>[0]) {
  const { db } = await emptyLibrary();
  db.exec("INSERT INTO asset VALUES (?, 'image/png', x'00')", { bind: [bytesOfHex(ICON)] });
  insertCutout(db, aCutout({ key: "one", body: "bread", address: "https://example.org/a", ...part }));
  return db;
}

test("a cutout comes back with language, icon and source, and one without any has no row for them", async () => {
  const db = await libraryWith({ language: "de", icon: ICON, source: SOURCE });
  expect(getCutout(db, "one")).toMatchObject({ language: "de", icon: ICON, source: SOURCE });
  insertCutout(db, aCutout({ key: "bare", source: { html: "", description: "", iconAddress: "" } }));
  expect(getCutout(db, "bare")).toMatchObject({ language: "", icon: null, source: null });
  expect(db.selectValue("SELECT count(*) FROM source")).toBe(1);
});

test("a text that is changed loses how it looked, and nothing else", async () => {
  const db = await libraryWith({ language: "de", icon: ICON, source: SOURCE });
  editCutout(db, "one", { title: "Bread", body: "bread" }, NOW);
  expect(getCutout(db, "one")?.source).toEqual(SOURCE);
  editCutout(db, "one", { body: "brown bread" }, NOW);
  expect(getCutout(db, "one")).toMatchObject({ language: "de", icon: ICON, source: { ...SOURCE, html: "" } });
});

test("the icon stays on its site, and goes when the address is of another", async () => {
  const db = await libraryWith({ icon: ICON, source: { ...SOURCE, html: "", description: "" } });
  editCutout(db, "one", { address: "https://www.example.org/b" }, NOW);
  expect(getCutout(db, "one")).toMatchObject({ icon: ICON });
  editCutout(db, "one", { address: "https://bank.example/" }, NOW);
  expect(getCutout(db, "one")).toMatchObject({ icon: null, source: null });
  expect(db.selectValue("SELECT count(*) FROM source")).toBe(0);
});

test("an emptied trash takes sources along, and icons that no other cutout has", async () => {
  const db = await libraryWith({ icon: ICON, source: SOURCE });
  insertCutout(db, aCutout({ key: "two", icon: ICON }));
  const rest = () => db.selectArray("SELECT (SELECT count(*) FROM source), (SELECT count(*) FROM asset)");
  trashCutout(db, "one", NOW, { isTrashed: true });
  emptyTrash(db);
  expect(rest()).toEqual([0, 1]);
  trashCutout(db, "two", NOW, { isTrashed: true });
  emptyTrash(db);
  expect(rest()).toEqual([0, 0]);
});

test("a copy that an import brings gives its language where there is none, and leaves the source", async () => {
  const db = await libraryWith({ source: SOURCE });
  const copy = { title: "", body: "", note: "", tags: [] };
  for (const language of ["de", "fr"]) mergeCutout(db, "one", { ...copy, language }, NOW);
  mergeCutout(db, "one", copy, NOW);
  expect(getCutout(db, "one")).toMatchObject({ language: "de", source: SOURCE });
});

test.each([
  ["image/png", 1, true],
  ["image/vnd.microsoft.icon", 32_000, true],
  ["image/png", 32_001, false],
  ["image/png", 0, false],
  ["image/svg+xml", 1, false],
  ["text/html", 1, false],
])("whether %s of %d bytes is an icon: %s", (type, length, expected) => {
  expect(isIcon({ type, bytes: new Uint8Array(length) })).toBe(expected);
});

test.each([
  ["en", "en"],
  [" pt_br ", "pt-BR"],
  ["ZH-hant-tw", "zh-Hant-TW"],
  ["en-a", ""],
  ["english", ""],
  ['en" onclick="x', ""],
  [7, ""],
])("the language %j is %j", (said, language) => {
  expect(languageOf(said)).toBe(language);
});

test.each([
  "javascript:alert(1)",
  "data:image/png;base64,AA==",
  "/icon.png",
  `https://example.org/${"x".repeat(8000)}`,
])("an icon's address is not %.40s", (iconAddress) => {
  expect(checkedSource({ iconAddress })).toEqual({ source: null, cut: ["address of the icon"] });
});
