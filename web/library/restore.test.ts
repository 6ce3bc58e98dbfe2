/** Records in; fails where those that are written together are not what they are one by one. */

import { expect, test } from "vitest";
import { A_RECORD, aCutout, emptyLibrary } from "./library.testing.ts";
import type { CutoutRecord } from "./record.ts";
import { Restoration, restoreRecord } from "./restore.ts";
import { getCutout, insertCutout } from "./shelf.ts";

const NOW = 1_700_000_000_001;
const TAG = { name: "Fruit", origin: "person", model: null, probability: null, at: NOW } as const;
const IMAGE = { type: "image/png", bytes: Uint8Array.of(1, 2, 3) };
const SHA = "ab".repeat(32);

const SOURCE = { html: "<b>\0 \ud83c</b>", description: "", iconAddress: "" };

const RECORDS: readonly CutoutRecord[] = [
  { ...A_RECORD, key: "one", title: "A pear\0 and half a \ud83c", body: '"quoted", \\u0000', tags: [TAG] },
  {
    ...A_RECORD,
    key: "here",
    title: "Newer",
    language: "de",
    source: SOURCE,
    changed: NOW + 1,
    tags: [{ ...TAG, name: "fruit" }],
  },
  { ...A_RECORD, key: "two", language: "ja", icon: { sha256: SHA, type: "image/png" }, source: SOURCE },
  {
    ...A_RECORD,
    key: "four",
    anchor: { start: 1.5, text: "é" },
    asset: { sha256: SHA, type: "image/png" },
    trashed: NOW,
  },
  {
    ...A_RECORD,
    key: "one",
    title: "The same again",
    changed: NOW + 1,
    tags: [{ ...TAG, origin: "removed", at: NOW + 1 }],
  },
  {
    ...A_RECORD,
    key: "three",
    batch: { source: "file", at: NOW },
    asset: { sha256: "cd".repeat(32), type: "image/png" },
  },
];

async function restored(together: boolean) {
  const { db } = await emptyLibrary();
  insertCutout(db, aCutout({ key: "here", title: "Older", created: NOW }));
  const restoration = new Restoration(db);
  const did = db.transaction(() => {
    const each = RECORDS.map((record) => {
      const images = { asset: record.asset?.sha256 === SHA ? IMAGE : null, icon: record.icon && IMAGE };
      return together ? restoration.add(record, images) : restoreRecord(db, record, images);
    });
    restoration.finish();
    return each;
  });
  const tables = ["cutout", "source", "cutout_tag", "tag", "asset", "batch"].map((table) =>
    db.selectObjects(`SELECT * FROM ${table} ORDER BY 1, 2`),
  );
  return { db, did, tables };
}

test("records that are written together are what they are one by one", async () => {
  const together = await restored(true);
  const single = await restored(false);
  expect(together.did).toEqual(["added", "newer", "added", "added", "newer", "added"]);
  expect(together.did).toEqual(single.did);
  expect(together.tables).toEqual(single.tables);
  expect(together.db.selectValues("SELECT rowid FROM words WHERE words MATCH 'newer OR again'")).toHaveLength(2);
});

test("zeros, halves of letters, anchors and images come back as they were, or as UTF-8 has them", async () => {
  const { db } = await emptyLibrary();
  const [one, here, , two] = RECORDS as [CutoutRecord, CutoutRecord, CutoutRecord, CutoutRecord];
  db.transaction(() => [one, here, two].map((record) => restoreRecord(db, record, { asset: IMAGE })));
  expect(getCutout(db, "one")).toMatchObject({ title: "A pear\0 and half a \ufffd", body: '"quoted", \\u0000' });
  expect(getCutout(db, "here")?.source).toEqual({ ...SOURCE, html: "<b>\0 \ufffd</b>" });
  expect(getCutout(db, "four")).toMatchObject({ anchor: two.anchor, asset: SHA, trashed: NOW });
});

test("of a source, what the copy that was changed later says counts, and what it does not say stays", async () => {
  const { db } = await emptyLibrary();
  const here = { html: "<b>here</b>", description: "here", iconAddress: "" };
  const theirs = { html: "", description: "theirs", iconAddress: "https://example.org/icon.png" };
  insertCutout(db, aCutout({ key: "one", created: NOW, language: "en", source: here }));
  db.transaction(() => restoreRecord(db, { ...A_RECORD, key: "one", source: theirs, changed: NOW - 1 }));
  expect(getCutout(db, "one")).toMatchObject({ language: "en", source: here });
  db.transaction(() => restoreRecord(db, { ...A_RECORD, key: "one", source: theirs, changed: NOW + 1 }));
  expect(getCutout(db, "one")).toMatchObject({ language: "en", source: { ...theirs, html: here.html } });
});
