/** Small libraries and queries in; fails where the wrong cutouts come, or in the wrong order. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { expect, test } from "vitest";
import type { NewCutout } from "../cutout.ts";
import { aCutout, emptyLibrary, type TestLibrary } from "../library.testing.ts";
import { emptyTrash, idOf, insertCutout, tagCutout, trashCutout, untagCutout } from "../shelf.ts";
import { recorded, undoLast } from "../undo.ts";
import {
  leastAlike,
  listCutouts,
  loadVectors,
  moreLike,
  parseQuery,
  search,
  spaceId,
  storeVectors,
  type VectorIndex,
} from "./index.ts";

const NOW = 1_700_000_000_001;

async function libraryOf(cutouts: readonly Partial<NewCutout>[]): Promise<TestLibrary> {
  const library = await emptyLibrary();
  library.db.transaction(() => {
    for (const cutout of cutouts) insertCutout(library.db, aCutout(cutout));
  });
  return library;
}

function find(db: Database, text: string, index: VectorIndex | null = null, vector: Float32Array | null = null) {
  return search(db, index, { text, vector, limit: 20, offset: 0 });
}
const keys = (found: { hits: readonly { key: string }[] }) => found.hits.map(({ key }) => key);
const sorted = (found: { hits: readonly { key: string }[] }) => keys(found).sort();

const KITCHEN: Partial<NewCutout>[] = [
  { key: "rye", title: "Rye bread", body: "A sourdough loaf, baked in the library of a monastery", tags: ["baking"] },
  { key: "plain", title: "Bread", body: "Flour, water, salt", address: "https://www.example.org/bread/" },
  { key: "cake", title: "Birthday cake", body: "With bread crumbs, kept running through a sieve", kind: "text" },
  { key: "creme", title: "Crème brûlée", body: "Sugar, cream", created: new Date(2026, 5, 1).getTime() },
  { key: "shelf", title: "Shelves", body: "Wood and screws for libraries", address: "https://shop.example.org/x" },
];

test("a cutout whose title the query is comes first, then one with the word in its title", async () => {
  const { db } = await libraryOf(KITCHEN);
  const found = find(db, "bread");
  expect(keys(found)).toEqual(["plain", "rye", "cake"]);
  expect(found.hits.map(({ matched }) => matched)).toEqual(["exact", "words", "words"]);
  expect(found.total).toBe(3);
  expect(keys(find(db, "creme BRULEE"))).toEqual(["creme"]);
});

test("a title is found among hundreds of newer ones that begin with it, not in the trash and not against a filter", async () => {
  const newer = Array.from({ length: 400 }, (_, n) => ({ title: `New tab ${n}` }));
  const { db } = await libraryOf([{ key: "old", title: "New tab", tags: ["x"] }, ...newer]);
  expect(find(db, "new  TAB").hits[0]).toMatchObject({ key: "old", matched: "exact" });
  expect(find(db, "new tab tag:x").hits[0]).toMatchObject({ key: "old", matched: "exact" });
  expect(keys(find(db, "new tab -tag:x"))).not.toContain("old");
  trashCutout(db, "old", NOW, { isTrashed: true });
  expect(keys(find(db, "new tab"))).not.toContain("old");
});

test("an address is found whatever its scheme, www and last slash", async () => {
  const { db } = await libraryOf(KITCHEN);
  for (const typed of ["https://www.example.org/bread/", "example.org/bread", "http://example.org/bread"])
    expect(find(db, typed).hits[0]).toMatchObject({ key: "plain", matched: "exact" });
});

test("all words are required when enough hold them, and any word when few do", async () => {
  const many = Array.from({ length: 12 }, (_, n) => ({ key: `both ${n}`, body: "apple pear" }));
  const { db } = await libraryOf([...many, { key: "one", body: "apple" }, { key: "rare", body: "quince apple" }]);
  expect(find(db, "apple pear ").total).toBe(12);
  const few = find(db, "quince apple ");
  expect([keys(few)[0], few.total]).toEqual(["rare", 14]);
});

test("of more than are ranked, each page is that part of the whole order", async () => {
  const inTitle = Array.from({ length: 300 }, (_, n) => ({ title: `A bread ${"and bread ".repeat(n % 7)}` }));
  const inBody = Array.from({ length: 1200 }, (_, n) => ({
    key: `${n % 5} of ${n}`,
    body: "bread ".repeat(1 + (n % 5)),
  }));
  const { db } = await libraryOf([...inTitle, ...inBody]);
  const part = (offset: number, limit: number) =>
    keys(search(db, null, { text: "bread ", vector: null, limit, offset }));
  const whole = part(0, 1500);
  expect(whole).toHaveLength(1300);
  expect(whole.slice(300, 400).map((key) => key.slice(0, 4))).toEqual(Array(100).fill("4 of"));
  for (const offset of [0, 150, 290, 700]) expect(part(offset, 20)).toEqual(whole.slice(offset, offset + 20));
});

test("among more than are ranked, a tag lifts what lacks the word in its title above what has it", async () => {
  const inTitle = Array.from({ length: 40 }, () => ({
    title: "A bread with so long a name that the word in it weighs little",
  }));
  const inBody = Array.from({ length: 1000 }, () => ({ body: "some bread" }));
  const { db } = await libraryOf([...inTitle, ...inBody, { key: "tagged", body: "some bread" }]);
  expect(keys(find(db, "bread "))).not.toContain("tagged");
  db.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
    INSERT INTO cutout (key, kind, body, created, changed) SELECT 'n' || i, 'text', 'page', 1, 1 FROM n`);
  tagCutout(db, "tagged", "bread", NOW);
  expect(keys(find(db, "bread "))[0]).toBe("tagged");
});

test("a word that all hold orders by how often, though it weighs a millionth", async () => {
  const { db } = await libraryOf([3, 4, 1, 2].map((n) => ({ key: `${n}`, body: "bread ".repeat(n) })));
  expect(keys(find(db, "bread "))).toEqual(["4", "3", "2", "1"]);
});

test("a word that thousands hold is required, and order comes from the others or the title", async () => {
  const { db } = await libraryOf([
    { key: "deep", title: "other", body: "page of quince" },
    { key: "top", title: "quince page" },
    { key: "without", title: "quince" },
    ...Array.from({ length: 20 }, () => ({ body: "pear page" })),
    { key: "title", title: "A page" },
  ]);
  db.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8010)
    INSERT INTO cutout (key, kind, body, created, changed) SELECT 'n' || i, 'text', 'page', 1, 1 FROM n`);
  expect(keys(find(db, "quince page "))).toEqual(["top", "deep", "without"]);
  expect(find(db, "page pear ").total).toBe(20);
  const wide = find(db, "page ");
  expect([keys(wide).slice(0, 2), wide.total]).toEqual([["title", "top"], 8033]);
});

test("the last word is a prefix, a stem, or half of an ending", async () => {
  const { db } = await libraryOf(KITCHEN);
  for (const typed of ["librar", "libraries", "librari"]) expect(sorted(find(db, typed))).toEqual(["rye", "shelf"]);
  expect(keys(find(db, "runnin"))).toEqual(["cake"]);
  expect(keys(find(db, "librar "))).not.toEqual([]); // and as a whole word it counts as misspelled
});

test("a compound is found while the end of its last part is typed, what ends just so first", async () => {
  const { db } = await libraryOf([
    { key: "other", title: "covid-20" },
    { key: "meant", title: "covid-19" },
    { key: "long", title: "state-of-the-art" },
  ]);
  expect(keys(find(db, "covid-1"))).toEqual(["meant", "other"]);
  expect(keys(find(db, "covid-19"))).toEqual(["meant", "other"]);
  expect(keys(find(db, "covid-19 "))).toEqual(["meant"]);
  for (const typed of ["state-o", "state-of", "state-of-th", "state-of-the"])
    expect(keys(find(db, typed))).toEqual(["long"]);
});

test("a word that the library does not hold is replaced by the nearest that it does, and the answer says so", async () => {
  const { db } = await libraryOf(KITCHEN);
  for (const [from, to] of [
    ["braed", "bread"],
    ["monestary", "monastery"],
    ["ibrary", "library"],
    ["xcake", "cake"],
  ] as const)
    expect(find(db, from).replaced).toEqual([{ from, to }]);
  expect(keys(find(db, "monestary"))).toEqual(["rye"]);
  expect(find(db, "bread").replaced).toEqual([]);
  expect([find(db, "rya").replaced, find(db, "qqqqqqqq").replaced]).toEqual([[], []]);
});

test("scripts without spaces are found by any run of letters, one and two letters too", async () => {
  const { db } = await libraryOf([
    { key: "sushi", title: "寿司の作り方", body: "酢飯と魚を用意する" },
    { key: "other", title: "魚市場", body: "朝の市場" },
    { key: "latin", title: "sushi", body: "rice" },
  ]);
  expect(keys(find(db, "寿司の作"))).toEqual(["sushi"]);
  expect(keys(find(db, "市場"))).toEqual(["other"]);
  expect(keys(find(db, "魚"))).toEqual(["other", "sushi"]);
  expect(keys(find(db, "魚 酢"))).toEqual(["sushi"]);
  expect(find(db, "市場").hits[0]?.title).toEqual([
    { text: "魚", isMatch: false },
    { text: "市場", isMatch: true },
  ]);
});

test("filters leave what they say, and what is in the trash is found only by asking for it", async () => {
  const { db } = await libraryOf(KITCHEN);
  trashCutout(db, "plain", NOW, { isTrashed: true });
  expect(sorted(find(db, "bread"))).toEqual(["cake", "rye"]);
  expect(sorted(find(db, "bread is:trashed"))).toEqual(["plain"]);
  expect(sorted(find(db, "bread tag:Baking"))).toEqual(["rye"]);
  expect(sorted(find(db, "bread -tag:baking"))).toEqual(["cake"]);
  expect(sorted(find(db, "bread kind:text"))).toEqual(["cake"]);
  expect(sorted(find(db, "site:example.org"))).toEqual(["shelf"]);
  expect(sorted(find(db, "after:2026"))).toEqual(["creme"]);
  expect(find(db, "before:2026 -tag:baking").total).toBe(2);
  expect(sorted(find(db, "is:untagged"))).toEqual(["cake", "creme", "shelf"]);
  expect(find(db, "bread tag:nowhere").total).toBe(0);
});

test("a tag that the person gave lifts a cutout, one taken off does not", async () => {
  const same = { body: "jam and marmalade" };
  const { db } = await libraryOf([
    { key: "a", ...same },
    { key: "b", ...same },
    { key: "c", ...same },
  ]);
  db.exec("UPDATE cutout SET tags = ''");
  tagCutout(db, "a", "jam", NOW);
  tagCutout(db, "b", "jam", NOW);
  untagCutout(db, "b", "jam", NOW);
  expect(keys(find(db, "jam"))).toEqual(["a", "c", "b"]);
});

test("pages follow each other without a gap, and the total is of all", async () => {
  const { db } = await libraryOf(Array.from({ length: 25 }, (_, n) => ({ key: `k${n}`, body: "pear" })));
  const page = (offset: number) => search(db, null, { text: "pear", vector: null, limit: 10, offset });
  expect(new Set([0, 10, 20].flatMap((offset) => keys(page(offset)))).size).toBe(25);
  expect(page(20).total).toBe(25);
});

/** A space of three directions: food, wood, machines. */
async function withVectors(): Promise<TestLibrary & { index: VectorIndex }> {
  const library = await libraryOf([
    { key: "soup", title: "Leek soup" },
    { key: "stew", title: "Stew of beans" },
    { key: "chair", title: "A chair" },
    { key: "engine", title: "An engine for soup trucks" },
  ]);
  const directions = { soup: [1, 0.1, 0], stew: [0.9, 0, 0.1], chair: [0, 1, 0], engine: [-0.1, 0, 1] };
  const space = spaceId(library.db, "three", 3);
  for (const [key, numbers] of Object.entries(directions))
    storeVectors(library.db, space, idOf(library.db, key) ?? 0, [Float32Array.from(numbers)]);
  const index = loadVectors(library.db, "three");
  if (index === null) throw new Error("the space was made above");
  return { ...library, index };
}
const FOOD = Float32Array.of(1, 0, 0);

test("meaning adds what words do not find, and says which is which", async () => {
  const { db, index } = await withVectors();
  const { hits } = find(db, "soup", index, FOOD);
  expect(hits.map(({ key, matched }) => `${key} ${matched}`).sort()).toEqual([
    ...["chair meaning", "engine words", "soup words", "stew meaning"],
  ]);
  expect([hits[0]?.key, hits.at(-1)?.key]).toEqual(["soup", "chair"]);
  expect(sorted(find(db, "soup"))).toEqual(["engine", "soup"]);
  expect(sorted(find(db, "soup", index, new Float32Array(3)))).toEqual(["engine", "soup"]);
});

test("vectors in memory follow the tables through saving, trash, deletion and undo", async () => {
  const { sqlite, db, index } = await withVectors();
  const meant = () => sorted(find(db, "nourishment", index, FOOD));
  trashCutout(db, "stew", NOW, { isTrashed: true });
  expect(meant()).toEqual(["chair", "engine", "soup"]);
  emptyTrash(db);
  expect([meant(), index.vectors.passages]).toEqual([["chair", "engine", "soup"], 3]);
  recorded({ sqlite, db, now: () => NOW }, "save", () => insertCutout(db, aCutout({ key: "new" })));
  storeVectors(db, index.space, idOf(db, "new") ?? 0, [FOOD, FOOD]);
  expect([meant(), index.vectors.passages]).toEqual([["chair", "engine", "new", "soup"], 5]);
  undoLast({ sqlite, db, now: () => NOW });
  expect([meant(), index.vectors.passages]).toEqual([["chair", "engine", "soup"], 3]);
});

test("others like a cutout come by its vector, without one by its rarest words", async () => {
  const { db, index } = await withVectors();
  const like = (by: VectorIndex | null, key: string, limit: number) =>
    moreLike(db, by, { key, limit, least: 0.5 }).map((hit) => hit.key);
  expect(like(index, "soup", 1)).toEqual(["stew"]);
  expect(like(null, "soup", 3)).toEqual(["engine"]);
  expect(like(index, "nobody", 3)).toEqual([]);
});

test("what is less similar than the bound is not like a cutout, and then nothing is", async () => {
  const { db, index } = await withVectors();
  const at = (angle: number) => new Float32Array([Math.cos(angle), Math.sin(angle), 0]);
  ["soup", "stew", "engine", "chair"].forEach((key, place) => {
    storeVectors(db, index.space, idOf(db, key) ?? 0, [at([0, 0.5, 1, 3][place] as number)]); // in radians
  });
  const like = (least: number) => moreLike(db, index, { key: "soup", limit: 9, least }).map((hit) => hit.key);
  expect(like(-1)).toEqual(["stew", "engine", "chair"]);
  expect(like(Math.cos(1.1))).toEqual(["stew", "engine"]);
  expect(like(Math.cos(0.9))).toEqual(["stew"]);
  expect(like(Math.cos(0.4))).toEqual([]);
});

test("each encoder has its own bound, and one that was not measured has none", () => {
  expect(["static", "use-lite", "minilm", "another"].map(leastAlike)).toEqual([0.48, 0.64, 0.43, -1]);
});

test("the list goes on where a page ended, though cutouts came meanwhile", async () => {
  const { db } = await libraryOf(
    Array.from({ length: 7 }, (_, n) => ({ key: `k${n}`, created: 1000 + Math.floor(n / 2) })),
  );
  const filters = parseQuery("").filters;
  const first = listCutouts(db, { filters, after: null, limit: 3 });
  insertCutout(db, aCutout({ key: "later", created: 2000 }));
  const second = listCutouts(db, { filters, after: first.next, limit: 3 });
  const third = listCutouts(db, { filters, after: second.next, limit: 3 });
  expect([first, second, third].map(keys)).toEqual([["k6", "k5", "k4"], ["k3", "k2", "k1"], ["k0"]]);
  expect([first.total, second.total, third.next]).toEqual([7, 8, null]);
  const pages = listCutouts(db, { filters: parseQuery("kind:page before:1000").filters, after: null, limit: 3 });
  expect([pages.total, pages.hits]).toEqual([0, []]);
});
