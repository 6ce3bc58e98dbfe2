/** A draft becomes a cleaned row within limits that says what was cut, or a reason. */

import { expect, test } from "vitest";
import { finish } from "./drafts.ts";

const ADDRESS = "https://example.com/";

test("a passage with an address is the anchor, one without leads nowhere, one that is too long is the body alone", () => {
  const passage = (text: string, address = ADDRESS) => finish({ row: 1, address, body: text, passage: text });
  expect(passage(" A sentence.\r\nMore. ")).toMatchObject({ anchor: { text: "A sentence.\nMore." } });
  expect(passage("A sentence.", "")).not.toHaveProperty("anchor");
  expect(passage("x".repeat(100_001))).not.toHaveProperty("anchor");
});

test("an address that names a moment is a video at that moment, unless the file says what it is", () => {
  const address = "https://www.youtube.com/watch?v=abc&t=1m2s";
  expect(finish({ row: 1, address })).toMatchObject({ kind: "video", address, anchor: { start: 62 } });
  expect(finish({ row: 1, address, kind: "text" })).toMatchObject({ kind: "text", anchor: { start: 62 } });
});

test("a row with an address is a page, one without is text", () => {
  expect(finish({ row: 1, address: ADDRESS })).toMatchObject({ kind: "page", title: "", isTrashed: false });
  expect(finish({ row: 1, body: "words" })).toMatchObject({ kind: "text", address: "" });
});

test("a title alone is no saved thing", () => {
  const why = "the row has neither an address nor text";
  expect(finish({ row: 3, title: "Only a title" })).toEqual({ row: 3, why, sample: "Only a title" });
});

test("a code address loses the whole row, whatever text is beside it", () => {
  expect(finish({ row: 1, address: "javascript:x", note: "handy" })).toHaveProperty("why");
});

test("a note whose address cannot be opened is kept and says so", () => {
  const row = finish({ row: 1, address: "?abc", title: "A note", note: "words" });
  expect(row).toMatchObject({ kind: "text", address: "", note: "words", cut: ["address"] });
});

test("what is over a limit is cut and named", () => {
  const row = finish({
    row: 1,
    address: ADDRESS,
    title: "t".repeat(1_001),
    note: "n".repeat(100_001),
    body: "b".repeat(1_000_001),
    tags: Array.from({ length: 101 }, (_, i) => `${i}`),
  });
  expect(row).toMatchObject({ cut: ["title", "body", "note", "tags"] });
  if ("why" in row) throw new Error(row.why);
  expect([row.title.length, row.note.length, row.body.length, row.tags.length]).toEqual([1e3, 1e5, 1e6, 100]);
});

test("what is at a limit is whole and nothing is named", () => {
  expect(finish({ row: 1, address: ADDRESS, title: "t".repeat(1_000) })).not.toHaveProperty("cut");
});

test("tags are cleaned, cut to 100 characters, and each is there once", () => {
  const row = finish({ row: 1, address: ADDRESS, tags: [" b ", "a\nc", "b", "", "\u0000", "x".repeat(200)] });
  expect(row).toMatchObject({ tags: ["b", "a c", "x".repeat(100)], cut: ["tags"] });
});
