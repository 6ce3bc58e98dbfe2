/** Texts and queries in; fails where what matches is not what is marked. */

import { expect, test } from "vitest";
import { emptyLibrary } from "../library.testing.ts";
import { parseQuery } from "./query.ts";
import { type Piece, snippetsOf } from "./snippets.ts";

const marked = (pieces: readonly Piece[] = []) =>
  pieces.map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join("");

async function shown(body: string, typed: string): Promise<string> {
  const { db } = await emptyLibrary();
  return marked(snippetsOf(db, [{ id: 1, title: "", body }], parseQuery(typed).terms).get(1)?.snippet);
}

test("words, stems, prefixes, phrases and accents are marked as they are written", async () => {
  expect(await shown("Running a run-down café", "runs cafe ")).toBe("[Running] a [run]-down [café]");
  expect(await shown("Library, libraries", "librar")).toBe("[Library], [libraries]");
  expect(await shown("rye bread, bread rye", '"bread rye"')).toBe("rye bread, [bread rye]");
});

test("HTML and strange characters come out as the text that they are, but for the one that ends texts in C", async () => {
  expect(await shown("\uE000<b>bread</b>\uE001 & \0salt", "bread ")).toBe("\uE000<b>[bread]</b>\uE001 & salt");
});

test("of a long text the part that matches is shown, and without a match its beginning", async () => {
  const long = "one two three four five ".repeat(100);
  const part = await shown(`${long}bread ${long}`, "bread ");
  expect(part).toMatch(/^….*\[bread\].*…$/);
  expect(part.length).toBeLessThan(250);
  expect(await shown(long, "absent ")).toMatch(/^one two three .*…$/);
});

test("of a long text the part with the most of the words is shown, even where it is last", async () => {
  const filling = "one two three four five ".repeat(20);
  const part = await shown(`bread ${filling}bread ${filling}bread and salt ${filling}`, "bread salt ");
  expect(part).toMatch(/^….*\[bread\] and \[salt\].*…$/);
  expect(await shown(`${filling}salt`, "bread salt ")).toMatch(/^….* five \[salt\]$/);
  expect(await shown(`salt ${filling}`, "bread salt ")).toMatch(/^\[salt\] one .*…$/);
});

test("of a long and a short text both show their own match", async () => {
  const { db } = await emptyLibrary();
  const body = `${"one two ".repeat(150)}libraries ${"three four ".repeat(200)}`;
  const texts = [
    { id: 1, title: "", body },
    { id: 2, title: "", body: "A library" },
  ];
  const found = snippetsOf(db, texts, parseQuery("library ").terms);
  expect(marked(found.get(1)?.snippet)).toMatch(/^….*two \[libraries\] three.*…$/);
  expect(marked(found.get(2)?.snippet)).toBe("A [library]");
  expect(found.size).toBe(2);
});

test("titles are shown whole", async () => {
  const { db } = await emptyLibrary();
  const title = `${"word ".repeat(50)}bread`;
  const found = snippetsOf(db, [{ id: 7, title, body: "" }], parseQuery("bread ").terms).get(7);
  expect(marked(found?.title)).toBe(`${"word ".repeat(50)}[bread]`);
  expect(found?.snippet).toEqual([]);
});
