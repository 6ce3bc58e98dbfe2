/** What each app that exports JSON means by its fields. */

import { expect, test } from "vitest";
import { incomingOf, rowsOf, SAMPLES } from "./samples.testing.ts";

const sample = (id: string): string => SAMPLES[id]?.text ?? "";

test("Pocket's videos are videos, what it deleted is trash", async () => {
  expect(await incomingOf(sample("pocket-json"))).toMatchObject([
    { kind: "page", title: "Moss", body: "Soft and green.", created: 1541343937000, isTrashed: false },
    { kind: "video", isTrashed: true },
  ]);
});

test("Pocket's highlights are text", async () => {
  const [row] = await incomingOf(sample("pocket-highlights-json"));
  expect(row).toMatchObject({ kind: "text", title: "Ink", body: "Black as soot.", created: 1541343937000 });
});

test("of Pocket's highlights on a page the first is its place", async () => {
  const highlights = [{ quote: "Black as soot." }, { quote: "Blue, too." }];
  const [row] = await incomingOf(JSON.stringify([{ url: "https://ink.example/", title: "Ink", highlights }]));
  expect(row).toMatchObject({ body: "Black as soot.\n\nBlue, too.", anchor: { text: "Black as soot." } });
});

test("Pinboard's description is the title and its extended text the note", async () => {
  expect((await rowsOf(sample("pinboard-json")))[0]).toMatchObject({ title: "Type", note: "Serifs" });
});

test("wallabag's content becomes plain text, archived is not trashed", async () => {
  expect(await incomingOf(sample("wallabag-json"))).toMatchObject([
    { body: "Rivers\n\nThey flow.\nDown.", note: "So they do", isTrashed: false, created: 1473328558000 },
  ]);
  expect(await incomingOf(sample("wallabag-json"))).toMatchObject([{ language: "en-GB" }]);
});

test("Readability's entities are decoded", async () => {
  expect(await incomingOf(sample("readability-json"))).toMatchObject([{ body: "Salt…" }]);
});

test("Omnivore's description is the page's text", async () => {
  const item = { url: "https://a.example/", slug: "a", savedAt: "2024-10-29T16:30:11Z", labels: [], description: "d" };
  expect(await incomingOf(JSON.stringify([item]))).toMatchObject([{ kind: "page", body: "d", note: "" }]);
});

test("Karakeep's lists are folders, its texts are text, and an item without content is skipped", async () => {
  expect(await rowsOf(sample("karakeep-json"))).toMatchObject([
    { kind: "page", tags: ["Home", "Room", "light"], note: "Warm" },
    { kind: "text", body: "Make one" },
    { row: 3, why: "the row has neither an address nor text" },
  ]);
});

test("lists that are each other's parents end where they began", async () => {
  const lists = [
    { id: "a", name: "A", parentId: "b" },
    { id: "b", name: "B", parentId: "a" },
  ];
  const bookmarks = [{ createdAt: 1, lists: ["a"], content: { type: "link", url: "https://a.example/" } }];
  expect(await incomingOf(JSON.stringify({ bookmarks, lists }))).toMatchObject([{ tags: ["B", "A"] }]);
});

test("Linkwarden's collections are folders, Unorganized is none", async () => {
  const links = [{ name: "A", url: "https://a.example/", type: "image" }];
  const collections = [{ id: 1, name: "Unorganized", links }];
  expect(await incomingOf(JSON.stringify({ collections }))).toMatchObject([{ kind: "image", tags: [] }]);
});

test("a list of any app is read by its speaking names", async () => {
  const items = [
    { link: "https://a.example/", title: "A", excerpt: "e", tags: [{ label: "x" }], created: "2020-02-03" },
  ];
  expect(await incomingOf(JSON.stringify({ items }))).toMatchObject([{ title: "A", note: "e", tags: ["x"] }]);
});

test("an item's __proto__ and nesting of 100,000 levels are just data", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const text = `[{"__proto__":{"title":"x"},"href":"https://a.example/","description":"A","extended":${deep},"tags":{}}]`;
  expect(await incomingOf(text)).toMatchObject([{ title: "A", note: "" }]);
  expect({}).not.toHaveProperty("title");
});
