/** What a paste or a drop holds, thing by thing. */

import { expect, test } from "vitest";
import { type Carried, drafted, draftsOf } from "./draft.ts";

const IMAGE = new File(["<svg/>"], "a.svg", { type: "image/svg+xml" });
const OTHER = new File(["<svg/>"], "b.svg", { type: "image/svg+xml" });
const TABLE = new File(["url"], "saved.csv", { type: "text/csv" });

function carried(texts: Readonly<Record<string, string>>, ...files: readonly File[]): Carried {
  return { files, getData: (type) => texts[type] ?? "" };
}

test("an image is saved and a file beside it is offered", () => {
  expect(draftsOf(carried({}, IMAGE, TABLE))).toEqual({
    drafts: [{ image: IMAGE, body: "", address: "" }],
    files: [TABLE],
  });
});

test("an image keeps the words and the address beside it", () => {
  const texts = { "text/uri-list": "https://example.org/a.svg", "text/plain": "A drawing" };
  const address = "https://example.org/a.svg";
  expect(draftsOf(carried(texts, IMAGE)).drafts).toEqual([{ image: IMAGE, body: "A drawing", address }]);
});

test("words beside several images, or beside a file, are saved by themselves", () => {
  const texts = { "text/plain": "words" };
  expect(draftsOf(carried(texts, IMAGE, OTHER)).drafts).toEqual([
    { image: IMAGE },
    { image: OTHER },
    { body: "words" },
  ]);
  expect(draftsOf(carried(texts, TABLE))).toEqual({ drafts: [{ body: "words" }], files: [TABLE] });
});

test("paths of dropped files are no text of their own", () => {
  const path = "file:///somewhere/saved.csv";
  expect(draftsOf(carried({ "text/uri-list": path, "text/plain": path }, TABLE))).toEqual({
    drafts: [],
    files: [TABLE],
  });
});

test("each of several links is saved, and text that only repeats them is not", () => {
  const links = "# two\r\nhttps://example.org/1\r\nhttps://example.org/2";
  const both = [{ address: "https://example.org/1" }, { address: "https://example.org/2" }];
  const text = "https://example.org/1\nhttps://example.org/2";
  expect(draftsOf(carried({ "text/uri-list": links, "text/plain": text })).drafts).toEqual(both);
  expect(draftsOf(carried({ "text/uri-list": links, "text/plain": "mine" })).drafts).toEqual([
    ...both,
    { body: "mine" },
  ]);
});

test("a single link takes its text as title", () => {
  const texts = { "text/uri-list": "https://example.org/", "text/plain": "Pie" };
  expect(draftsOf(carried(texts)).drafts).toEqual([{ address: "https://example.org/", title: "Pie" }]);
});

test("what another app gave as an address and is none is kept as text", async () => {
  const { cutout } = await drafted({ body: "words", address: "page 12" });
  expect(cutout).toMatchObject({ kind: "text", body: "words\npage 12", address: "" });
});
