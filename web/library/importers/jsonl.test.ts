/** Each line is a row or says why not; a damaged line costs only itself. */

import { expect, test } from "vitest";
import { PLAIN } from "./columns.ts";
import { JsonLinesReader } from "./jsonl.ts";
import { incomingOf, rowsOf } from "./samples.testing.ts";

test("names are found however they are written", async () => {
  const lines = [
    '{"URL":"https://a.example/","dateAdded":1541343937000,"Tags":"a, b"}',
    '{"text":"words","time_added":"1541343937"}',
  ];
  expect(await incomingOf(lines.join("\n"))).toMatchObject([
    { row: 1, kind: "page", tags: ["a", "b"], created: 1541343937000 },
    { row: 2, kind: "text", body: "words", created: 1541343937000 },
  ]);
});

test("kind and trash are taken from the line where it names them", async () => {
  const lines =
    '{"url":"https://a.example/","kind":"video","trashed":true}\n{"url":"https://b.example/","type":"link"}';
  expect(await incomingOf(lines)).toMatchObject([
    { kind: "video", isTrashed: true },
    { kind: "page", isTrashed: false },
  ]);
});

test("damaged lines are skipped one by one, with their number", async () => {
  const rows = await rowsOf(
    '{"url":"https://a.example/"}\n{"url":"https://b.example/"}\n\n{"url":\n[1]\nnull\n"x"\n{}',
  );
  expect(rows.slice(2)).toEqual([
    { row: 4, why: "the line is not whole JSON", sample: '{"url":' },
    { row: 5, why: "the item is a list, expected an object with fields", sample: "" },
    { row: 6, why: "the item is null, expected an object with fields", sample: "" },
    { row: 7, why: "the item is a string, expected an object with fields", sample: "x" },
    { row: 8, why: "the row has neither an address nor text", sample: "" },
  ]);
});

test("names such as __proto__ reach no prototype", async () => {
  const line = '{"__proto__":{"title":"x","url":"https://evil.example/"},"url":"https://a.example/","constructor":1}';
  expect(await incomingOf(`${line}\n${line}`)).toMatchObject([
    { title: "", address: "https://a.example/" },
    { row: 2 },
  ]);
  expect({}).not.toHaveProperty("title");
});

test("a line that is too long is skipped and the next is read", () => {
  const reader = new JsonLinesReader(PLAIN);
  const pieces = ['{"url":"', ...Array<string>(20).fill("a".repeat(1_000_000)), '"}\n{"url":"https://a.example/"}'];
  const rows = [...pieces.flatMap((piece) => reader.write(piece)), ...reader.end()];
  expect(rows).toMatchObject([
    { row: 1, why: "the line has 20,000,010 characters, at most 16,777,216 are read" },
    { row: 2, address: "https://a.example/" },
  ]);
});
