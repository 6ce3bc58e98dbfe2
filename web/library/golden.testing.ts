/** Nothing in; a small library with something of everything out, which Python's tests read too. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { bytesOfHex } from "./asset.ts";
import { type NewCutout, textOf } from "./cutout.ts";
import { openDatabase } from "./database.ts";
import { keepOpened } from "./events.ts";
import { aCutout, type TestLibrary } from "./library.testing.ts";
import { packed } from "./search/stored.ts";
import { editCutout, getCutouts, insertCutout, tagCutout, trashCutout, untagCutout } from "./shelf.ts";
import { loadSqlite } from "./sqlite.ts";
import { recorded } from "./undo.ts";

const BEGUN = 1_700_000_000_000; // 2023-11-14 22:13:20 UTC
const MINUTE = 60_000;
const PIXEL = Uint8Array.from("GIF89a-no-image", (letter) => letter.charCodeAt(0));
const PIXEL_HASH = "43acd1124ba3c0fd2ea38a33fed9b67416efc8d336d262b50c87bc9fe19042f3";
const ICON = Uint8Array.from("GIF89a-no-icon", (letter) => letter.charCodeAt(0));
const ICON_HASH = "d26c63b4f43d7eb0ff346bf40cce9997068f368569a423629085c10b72704216";
const ICON_ADDRESS = "https://www.example.jp/icon.gif";
const PEAR = { html: "a <em>ripe</em> pear", description: "", iconAddress: "" };

const SAVED: readonly Partial<NewCutout>[] = [
  { key: "pie", title: "Apple pie", body: "Peel ripe apples.", tags: ["Fruit", "to cook"] },
  { key: "plum", title: "Plum juice", body: "Sweet plum juice and pear peel", tags: ["Fruit"] },
  { key: "pear", kind: "text", body: "a ripe pear", note: "for the garden", tags: ["Fruit"], source: PEAR },
  { key: "motor", title: "Motor oil", body: "Which oil a motor needs", tags: ["Engine"] },
  { key: "valve", title: "Valve gear", body: "piston, valve and torque", tags: ["Engine"] },
  { key: "spark", kind: "video", title: "Spark", anchor: { start: 61.5, end: 70 }, tags: ["Engine"] },
  { key: "image", kind: "image", note: "a plum in the sun", asset: PIXEL_HASH, tags: ["Fruit"] },
  { key: "copy", title: "Motor oil", body: "Which oil a motor needs", tags: ["Engine"] },
  { key: "conflict", title: "Valve gear", body: "piston, valve and torque", tags: ["to cook"] },
  { key: "empty", kind: "image", tags: ["Fruit"] },
  {
    ...{ key: "日本", title: "梨の木 🍐", body: "庭の梨", address: "https://www.example.jp/梨", tags: ["日本語"] },
    ...{ language: "ja", icon: ICON_HASH, source: { html: "", description: "梨について", iconAddress: ICON_ADDRESS } },
  },
  { key: "later", title: "Nobody tagged this", address: "https://example.org/later" },
  { key: "guessed", title: "Tagged by a model alone", body: "motor song" },
  { key: "removed", title: "Its only tag was removed", body: "choir song", tags: ["Engine"] },
  { key: "gone", title: "In the trash", body: "drum", tags: ["Engine", "Fruit"] },
];

/** Return the library in memory; every time and every row is the same at each call. */
export async function goldenLibrary(): Promise<TestLibrary> {
  const sqlite = await loadSqlite();
  const file = new sqlite.oo1.DB(":memory:", "c");
  file.exec("PRAGMA page_size = 1024"); // 40 tables and indexes of a page each stay small
  const { db } = openDatabase({ names: () => [], open: () => file, remove: () => undefined });
  const library = { sqlite, db };
  db.exec("INSERT INTO asset VALUES (?, 'image/gif', ?)", { bind: [bytesOfHex(PIXEL_HASH), PIXEL] });
  db.exec("INSERT INTO asset VALUES (?, 'image/gif', ?)", { bind: [bytesOfHex(ICON_HASH), ICON] });
  db.exec("INSERT INTO batch (source, at) VALUES ('bookmarks.html', ?)", { bind: [BEGUN] });
  SAVED.forEach((part, index) => {
    const created = BEGUN + index * MINUTE;
    const batch = part.key === "plum" ? 1 : null;
    const save = () => insertCutout(db, aCutout({ ...part, created }), batch);
    db.transaction(() => recorded({ sqlite, db, now: () => created }, "save", save));
  });
  change(library, BEGUN + 60 * MINUTE);
  addWhatModelsMade(db, BEGUN + 90 * MINUTE);
  return library;
}

function change({ sqlite, db }: TestLibrary, now: number): void {
  recorded({ sqlite, db, now: () => now }, "edit", () => editCutout(db, "pie", { note: "with cinnamon" }, now));
  recorded({ sqlite, db, now: () => now }, "untag", () => untagCutout(db, "removed", "Engine", now));
  recorded({ sqlite, db, now: () => now }, "tag", () => tagCutout(db, "pie", "a word\u0301", now));
  recorded({ sqlite, db, now: () => now }, "trash", () => trashCutout(db, "gone", now, { isTrashed: true }));
}

/** A model's tag, vectors of two cutouts, a hit that was opened, a request that was answered. */
function addWhatModelsMade(db: Database, at: number): void {
  const model = "0123456789abcdef".repeat(4);
  db.exec("INSERT INTO model (sha256, name, space, at) VALUES (?, 'my tags', 'tiny', ?)", { bind: [model, at] });
  const idOf = (key: string) => Number(db.selectValue("SELECT id FROM cutout WHERE key = ?", [key]));
  for (const [key, probability] of [
    ["guessed", 0.875],
    ["plum", 0.5],
  ] as const)
    db.exec(
      `INSERT INTO cutout_tag (cutout, tag, origin, model, probability, at)
       SELECT ?, id, 'model', 1, ?, ? FROM tag WHERE name = 'Engine'`,
      { bind: [idOf(key), probability, at] },
    );
  db.exec("INSERT INTO space (name, dim) VALUES ('tiny', 4)");
  const rows: readonly [string, number, number, number[]][] = [
    ["pie", 0, 0.5, [1, -1, 2047, -2047]],
    ["pie", 1, 0.25, [0, 2, 20, -2048]],
    ["gone", 0, 1, [3, 3, 3, 3]],
  ];
  for (const [key, passage, scale, row] of rows)
    db.exec("INSERT INTO vector VALUES (1, ?, ?, ?, ?)", {
      bind: [idOf(key), passage, scale, packed(Int16Array.from(row))],
    });
  db.exec("DELETE FROM job WHERE cutout = ?", { bind: [idOf("pie")] });
  keepOpened(db, { query: "ripe", place: 1, key: "pie", above: ["plum"] }, at);
  db.exec("INSERT INTO answered VALUES ('request-1', ?, 'true')", { bind: [at] });
}

/** Return what a tagger reads of each cutout, by its key. */
export function textsOf({ db }: TestLibrary): Record<string, string> {
  const ids = db.selectValues("SELECT id FROM cutout ORDER BY id").map(Number);
  return Object.fromEntries(getCutouts(db, ids).map((cutout) => [cutout.key, textOf(cutout)]));
}
