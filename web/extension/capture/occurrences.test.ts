/** A passage in a text that may have changed, and texts that are made to take long. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { agreementAfter, agreementBefore, exactly, occurrencesOf, type Passage, roughly } from "./occurrences.ts";
import { squeezed } from "./squeezed.ts";

const TEXT = squeezed(
  "Ink is older than paper. The first inks were soot in water, and they lasted. Iron gall ink came later; it bites into " +
    "the page and turns black as it dries. Printers wanted something that would stick to metal, so they boiled oil.",
);
const PASSAGE: Passage = {
  words: squeezed("Iron gall ink came later; it bites into the page"),
  before: squeezed("in water, and they lasted."),
  after: squeezed("and turns black"),
};

function found(stretch: readonly [number, number] | null | undefined, text: string): string | null {
  return stretch ? text.slice(...stretch) : null;
}

test("every occurrence is found, those too that overlap", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 40 });
  fc.assert(
    fc.property(letters, fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 }), (text, needle) => {
      const all = [...text].map((_, place) => place).filter((place) => text.startsWith(needle, place));
      expect([...occurrencesOf(needle, text)]).toEqual(all);
    }),
  );
});

test("nothing is looked for in no words", () => {
  expect([...occurrencesOf("", "text")]).toEqual([]);
});

test("of the same words the place is taken whose surroundings agree best", () => {
  const text = "one,theword.two,theword.three,theword.";
  const { stretches, agreement } = exactly({ words: "theword", before: "two,", after: "." }, text);
  expect(stretches).toEqual([[16, 23]]);
  expect(agreement).toBe(5);
});

test("places that are equally likely are all told, at most 50", () => {
  const { stretches } = exactly({ words: "a", before: "", after: "" }, "a".repeat(100));
  expect(stretches.length).toBe(50);
  expect(exactly({ words: "b", before: "", after: "" }, "aaa").agreement).toBe(-1);
});

test("words that were changed are found between the same neighbours", () => {
  const text = TEXT.replace(PASSAGE.words, squeezed("Gall inks followed: these eat the paper"));
  expect(found(roughly(PASSAGE, text), text)).toBe(squeezed("Gall inks followed: these eat the paper"));
});

test("words that moved and changed a little are found by what is left of them", () => {
  const moved = squeezed(
    "Elsewhere: iron gall ink came much later; it bites deep into the page. That is all there is.",
  );
  const text = TEXT.replace(PASSAGE.words, "").replace(PASSAGE.before, "") + moved;
  expect(found(roughly(PASSAGE, text), text)).toBe(
    squeezed("iron gall ink came much later; it bites deep into the page"),
  );
});

test("words that are gone are found nowhere", () => {
  const text = squeezed(
    "Nothing here has to do with it, though the page is about paper and how it was made in Fabriano.",
  );
  expect(roughly(PASSAGE, text)).toBeNull();
  expect(roughly({ words: "short", before: "", after: "" }, text)).toBeNull();
});

test("neighbours that are far apart now do not make the whole page the passage", () => {
  const text = `${PASSAGE.before}${"x".repeat(500)}${PASSAGE.after}`;
  expect(roughly(PASSAGE, text)).toBeNull();
});

test("agreement counts from the passage outward and stops at the first difference", () => {
  expect(agreementBefore("xbcd", 4, "abcd")).toBe(3);
  expect(agreementAfter("abcx", 0, "abcd")).toBe(3);
  expect(agreementBefore("abcd", 0, "abcd")).toBe(0);
});

test("a stretch that is told lies in the text, whatever the texts are", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 200 });
  fc.assert(
    fc.property(text, text, text, text, (page, words, before, after) => {
      const [from, to] = roughly({ words, before, after }, page) ?? [0, 1];
      expect(0 <= from && from < to && to <= Math.max(1, page.length)).toBe(true);
    }),
  );
});

test("words that moved away are followed, whatever stands between their old neighbours now", () => {
  const text = `${PASSAGE.before}${squeezed("Something of the same length, and of none of its words")}${PASSAGE.after}.${PASSAGE.words.replace("later", "afterwards")}`;
  expect(found(roughly(PASSAGE, text), text)).toBe(PASSAGE.words.replace("later", "afterwards"));
});
