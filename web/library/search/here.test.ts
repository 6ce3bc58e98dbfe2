/** Cutouts from several sites, and what comes first beside a page. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { expect, test } from "vitest";
import { emptyLibrary } from "../library.testing.ts";
import { insertCutout } from "../shelf.ts";
import { transaction } from "../statements.ts";
import { search } from "./search.ts";

const PAGE = "https://www.example.org/bread?x=1";
const PLAIN = { kind: "page", body: "", note: "", anchor: null, asset: null, tags: [] } as const;
const SAVED: readonly (readonly [string, string, readonly string[]])[] = [
  ["other site", "https://example.com/", []],
  ["page, at a place", `${PAGE}#crust`, []],
  ["site", "https://example.org/", ["oven"]],
  ["page", PAGE, []],
  ["longer address", `${PAGE}0`, []],
  ["no address", "", ["oven"]],
];

function keysFrom(db: Database, here: readonly string[], { text = "", limit = 10, offset = 0 } = {}): string[] {
  return search(db, null, { text, vector: null, limit, offset, here }).hits.map(({ key }) => key);
}

async function library(): Promise<Database> {
  const { db } = await emptyLibrary();
  transaction(db, () => {
    for (const [created, [key, address, tags]] of SAVED.entries())
      insertCutout(db, { ...PLAIN, key, title: key, address, tags, created });
  });
  return db;
}

const NEWEST = ["no address", "longer address", "page", "site", "page, at a place", "other site"];
const FROM_PAGE = ["page", "page, at a place", "longer address", "site", "no address", "other site"];

test("beside a page come its cutouts, then those of its site, then the rest, the newest first each", async () => {
  const db = await library();
  expect(keysFrom(db, [PAGE])).toEqual(FROM_PAGE);
  expect(keysFrom(db, [`${PAGE}#elsewhere`])).toEqual(FROM_PAGE);
  expect(keysFrom(db, ["https://example.com/other"])).toEqual(["other site", ...NEWEST.slice(0, 5)]);
});

test("what was saved under any address of the page comes first, from whichever of its sites", async () => {
  const db = await library();
  const here = ["https://example.com/", `${PAGE}#crust`];
  expect(keysFrom(db, here)).toEqual([
    "page",
    "page, at a place",
    "other site",
    "longer address",
    "site",
    "no address",
  ]);
});

test.each([[], [""], ["about:blank"], ["no address"]])("beside %j the newest comes first", async (...here) => {
  expect(keysFrom(await library(), here)).toEqual(NEWEST);
});

test("in windows of the list, nothing is missing and nothing is there twice", async () => {
  const db = await library();
  for (const limit of [1, 2, 3, 4]) {
    const starts = [0, 1, 2, 3, 4, 5].filter((start) => start % limit === 0);
    expect(starts.flatMap((offset) => keysFrom(db, [PAGE], { limit, offset }))).toEqual(FROM_PAGE);
  }
});

test("filters hold beside a page too, and words are ranked as they are anywhere", async () => {
  const db = await library();
  expect(keysFrom(db, [PAGE], { text: "tag:oven" })).toEqual(["site", "no address"]);
  expect(keysFrom(db, [PAGE], { text: "is:trashed" })).toEqual([]);
  expect(keysFrom(db, [PAGE], { text: "other site " })).toEqual(keysFrom(db, [], { text: "other site " }));
});
