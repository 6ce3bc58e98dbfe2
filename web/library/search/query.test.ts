/** What is typed in; fails where it is read otherwise than written, or breaks full text. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyLibrary } from "../library.testing.ts";
import { allowedBy, isPlain } from "./filters.ts";
import { parseQuery } from "./query.ts";
import { search } from "./search.ts";

const words = (typed: string) => parseQuery(typed).terms.map(({ text }) => text);
const filters = (typed: string) => parseQuery(typed).understood.map(({ name, value }) => `${name}=${value}`);

test("words and phrases are told apart, and the last word is a prefix until a space follows", () => {
  expect(parseQuery('sour "rye bread" star').terms).toEqual([
    { text: "sour", isPhrase: false, isPrefix: false },
    { text: "rye bread", isPhrase: true, isPrefix: false },
    { text: "star", isPhrase: false, isPrefix: true },
  ]);
  expect(parseQuery("star ").terms[0]?.isPrefix).toBe(false);
  expect(parseQuery('"rye br').terms).toEqual([{ text: "rye br", isPhrase: true, isPrefix: true }]);
  expect(parseQuery("star tag:food").terms[0]?.isPrefix).toBe(false);
});

test("filters are understood with where they stand, and the words are left", () => {
  expect(filters('tag:food -tag:"Old Things" KIND:Page site:www.Example.org is:untagged bread')).toEqual([
    ...["tag=food", "-tag=Old Things", "kind=page", "site=example.org", "is=untagged"],
  ]);
  expect(parseQuery("rye kind:page x").understood).toEqual([
    { name: "kind", value: "page", text: "kind:page", start: 4 },
  ]);
  expect(parseQuery("rye kind:page x").text).toBe("rye x");
});

test("a year, a month and a day begin by this machine's clock", () => {
  const { before, after } = parseQuery("before:2026-05-01 after:2026").filters;
  expect([before, after]).toEqual([new Date(2026, 4, 1).getTime(), new Date(2026, 0, 1).getTime()]);
  expect(parseQuery("after:2026-05").filters.after).toBe(new Date(2026, 4, 1).getTime());
  expect(parseQuery("before:2026 before:2025").filters.before).toBe(new Date(2025, 0, 1).getTime());
});

test("what is not understood is searched as words", () => {
  for (const typed of ["foo:bar", "kind:song", "before:yesterday", "after:2026-02-30", "is:mine", "https://a.org/b"]) {
    expect([words(typed), isPlain(parseQuery(typed).filters)]).toEqual([[typed], true]);
  }
  expect(words("tag: food")).toEqual(["tag:", "food"]);
});

test("signs without a letter ask for nothing", () => {
  expect(words('++ "" " -- " * ( ) ^')).toEqual([]);
});

const typed = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        ...'" * ( ) ^ : - + AND OR NOT NEAR( tag: -tag:" title: kind:page a 木 木材加 \0 \uD800 {'.split(" "),
      ),
      {
        maxLength: 8,
      },
    )
    .map((parts) => parts.join(" ").replaceAll(" a ", "a")),
);

test("no text makes the parser throw, and no text breaks out of the syntax of full text", async () => {
  const { db } = await emptyLibrary();
  fc.assert(
    fc.property(typed, (text) => {
      allowedBy(db, parseQuery(text).filters);
      return search(db, null, { text, vector: null, limit: 5, offset: 0 }).total === 0;
    }),
    { numRuns: 500 },
  );
});
