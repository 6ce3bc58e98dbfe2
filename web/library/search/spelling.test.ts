/** Pairs of words in; fails where their distance is wrong. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance } from "./spelling.ts";

test("letters added, left out, changed or exchanged count one each", () => {
  const pairs = [
    ["bread", "bread"],
    ["bread", "bred"],
    ["bread", "breads"],
    ["bread", "broad"],
    ["bread", "braed"],
    ["", "abc"],
  ];
  expect(pairs.map(([a = "", b = ""]) => editDistance(a, b))).toEqual([0, 1, 1, 1, 1, 3]);
});

test("the distance is the same both ways, and stopping early changes nothing up to the limit", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 7 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(editDistance(b, a)).toBe(distance);
      const limited = editDistance(a, b, 2);
      expect(distance <= 2 ? limited === distance : limited > 2).toBe(true);
    }),
  );
});
