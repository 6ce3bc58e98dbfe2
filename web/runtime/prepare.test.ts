/** Texts are cut by code points, and broken pairs are replaced. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { prepare } from "./prepare.ts";

test("lone surrogates become U+FFFD and pairs stay", () => {
  expect(prepare("\ud83da\ude00\ud83d\ude00", 100)).toBe("\ufffda\ufffd😀");
});

test("a pair counts as one character and is never cut in two", () => {
  expect(prepare("😀😀😀", 2)).toBe("😀😀");
  expect(prepare("\ud83d\ud83d\ude00x", 2)).toBe("\ufffd😀");
});

test("the result has the first code points of the whole well-formed text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 30 }), fc.integer({ min: 1, max: 20 }), (text, maxChars) => {
      expect([...prepare(text, maxChars)]).toEqual([...text.toWellFormed()].slice(0, maxChars));
    }),
  );
});
