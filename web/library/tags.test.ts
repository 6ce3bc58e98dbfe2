/** Cutouts with tags in; fails where a tag is counted that no shown cutout has, or counted wrongly. */

import { expect, test } from "vitest";
import { aCutout, emptyLibrary } from "./library.testing.ts";
import { insertCutout, trashCutout, untagCutout } from "./shelf.ts";
import { allTags, countTags } from "./tags.ts";

test("tags are counted by the cutouts that have them, those in the trash and tags taken off left out", async () => {
  const { db } = await emptyLibrary();
  db.transaction(() => {
    for (const key of ["one", "two"]) insertCutout(db, aCutout({ key, tags: ["Bread", `only ${key}`] }));
    insertCutout(db, aCutout({ key: "three", tags: ["Bread", "taken off"] }));
  });
  untagCutout(db, "three", "taken off", 1);
  trashCutout(db, "two", 1, { isTrashed: true });
  expect(allTags(db)).toEqual([
    { name: "Bread", cutouts: 2 },
    { name: "only one", cutouts: 1 },
  ]);
  expect(countTags(db)).toBe(2);
  trashCutout(db, "two", 1, { isTrashed: false });
  expect([allTags(db).length, countTags(db)]).toEqual([3, 3]);
});
