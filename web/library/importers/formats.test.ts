/** Every format is recognised from what is in the file, and what is none is named. */

import { describe, expect, test } from "vitest";
import { FORMATS, recognise } from "./index.ts";
import { rowsOf, SAMPLES } from "./samples.testing.ts";

test("there is a sample of every format", () => {
  expect(Object.keys(SAMPLES).sort()).toEqual(FORMATS.map(({ id }) => id).sort());
});

test("no two formats have the same name", () => {
  expect(new Set(FORMATS.map(({ name }) => name)).size).toBe(FORMATS.length);
});

describe.each(Object.entries(SAMPLES))("%s", (id, { text, read, tags, skipped }) => {
  test("is recognised, with a mark and in UTF-16 too", async () => {
    expect((await recognise(new Blob([text])))?.id).toBe(id);
    expect((await recognise(new Blob([`\ufeff \n${text}`])))?.id).toBe(id);
    const units = Uint16Array.from(`\ufeff${text}`, (unit) => unit.charCodeAt(0));
    expect((await recognise(new Blob([units])))?.id).toBe(id);
  });

  test("is recognised from its beginning when it is long", async () => {
    const padding = id.endsWith("json") ? " " : "\n";
    expect((await recognise(new Blob([text, padding.repeat(100_000)])))?.id).toBe(id);
  });

  test("gives every row, as saved thing or with a reason", async () => {
    const rows = await rowsOf(text);
    expect(rows.flatMap((row) => ("why" in row ? [] : [row.address || row.title]))).toEqual(read);
    expect(rows.filter((row) => "why" in row)).toHaveLength(skipped);
    expect(rows.find((row) => "tags" in row)).toMatchObject({ tags });
  });
});

test.each([
  ["PK\u0003\u0004rest", "the file is a ZIP archive: unpack it, then choose the file in it"],
  ["\u001f\u008b", "the file is compressed: unpack it"],
  ["mozLz40\u0000x", "the file is one of Firefox's automatic backups: choose Backup…"],
  ["SQLite format 3\u0000", "the file is a database: export the bookmarks as HTML"],
  ["bplist00", "the file is a property list: choose File, Export, Bookmarks in Safari instead"],
  ["%PDF-1.7", "the file is a PDF"],
  ['<?xml version="1.0"?><opml version="2.0">', "the file is a list of feeds (OPML)"],
  ["<html><head><title>My Activity History</title>", "the file is Google's My Activity, what you visited"],
  ["", "the file is empty: export it again"],
  ["Dear diary,\ntoday I saved nothing.", "the file is no export that is known here: expected bookmarks as HTML"],
  ["<html><p>Hello</p></html>", "no export that is known here"],
  ["[1, 2]", "no export that is known here"],
  ['{"a":1}\n{"a":2}', "no export that is known here"],
])("%j is refused by name", async (text, message) => {
  await expect(rowsOf(text)).rejects.toThrow(message);
});
