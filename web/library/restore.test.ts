/** Records in; fails where those that are written together are not what they are one by one. */

import { expect, test } from "vitest";
import { aCutout, emptyLibrary } from "./library.testing.ts";
import type { CutoutRecord } from "./record.ts";
import { Restoration, restoreRecord } from "./restore.ts";
import { getCutout, insertCutout } from "./shelf.ts";

const NOW = 1_700_000_000_001;
const PLAIN: CutoutRecord = {
  ...{ key: "", kind: "page", title: "", body: "", note: "", address: "", anchor: null, asset: null, batch: null },
  ...{ created: NOW, changed: NOW, trashed: null, tags: [] },
};
const TAG = { name: "Fruit", origin: "person", model: null, probability: null, at: NOW } as const;
const IMAGE = { type: "image/png", bytes: Uint8Array.of(1, 2, 3) };
const SHA = "ab".repeat(32);

const RECORDS: readonly CutoutRecord[] = [
  { ...PLAIN, key: "one", title: "A pear\0 and half a \ud83c", body: '"quoted", \\u0000', tags: [TAG] },
  { ...PLAIN, key: "here", title: "Newer", changed: NOW + 1, tags: [{ ...TAG, name: "fruit" }] },
  { ...PLAIN, key: "two", anchor: { start: 1.5, text: "é" }, asset: { sha256: SHA, type: "image/png" }, trashed: NOW },
  {
    ...PLAIN,
    key: "one",
    title: "The same again",
    changed: NOW + 1,
    tags: [{ ...TAG, origin: "removed", at: NOW + 1 }],
  },
  { ...PLAIN, key: "three", batch: { source: "file", at: NOW }, asset: { sha256: "cd".repeat(32), type: "image/png" } },
];

async function restored(together: boolean) {
  const { db } = await emptyLibrary();
  insertCutout(db, aCutout({ key: "here", title: "Older", created: NOW }));
  const restoration = new Restoration(db);
  const did = db.transaction(() => {
    const each = RECORDS.map((record) => {
      const image = record.asset?.sha256 === SHA ? IMAGE : null;
      return together ? restoration.add(record, image) : restoreRecord(db, record, image);
    });
    restoration.finish();
    return each;
  });
  const tables = ["cutout", "cutout_tag", "tag", "asset", "batch"].map((table) =>
    db.selectObjects(`SELECT * FROM ${table} ORDER BY 1, 2`),
  );
  return { db, did, tables };
}

test("records that are written together are what they are one by one", async () => {
  const together = await restored(true);
  const single = await restored(false);
  expect(together.did).toEqual(["added", "newer", "added", "newer", "added"]);
  expect(together.did).toEqual(single.did);
  expect(together.tables).toEqual(single.tables);
  expect(together.db.selectValues("SELECT rowid FROM words WHERE words MATCH 'newer OR again'")).toHaveLength(2);
});

test("zeros, halves of letters, anchors and images come back as they were, or as UTF-8 has them", async () => {
  const { db } = await emptyLibrary();
  const [one, , two] = RECORDS as [CutoutRecord, CutoutRecord, CutoutRecord];
  db.transaction(() => [restoreRecord(db, one, null), restoreRecord(db, two, IMAGE)]);
  expect(getCutout(db, "one")).toMatchObject({ title: "A pear\0 and half a \ufffd", body: '"quoted", \\u0000' });
  expect(getCutout(db, "two")).toMatchObject({ anchor: two.anchor, asset: SHA, trashed: NOW });
});
