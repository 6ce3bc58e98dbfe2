/** No cell is run by a spreadsheet, and every text comes back. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { guarded, unguarded } from "./formulas.ts";

test.each([
  ["=1+1", "'=1+1"],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@x", "'@x"],
  [" \t=1", " \t'=1"],
  ['"=1', "\"'=1"],
  ["a;=1", "a;'=1"],
  ["a\n- b", "a\n'- b"],
  ["'=1", "''=1"],
  ["'quoted' = 1", "'quoted' = 1"],
  ["a=1,+2", "a=1,+2"],
])("%j is written as %j", (text, written) => {
  expect(guarded(text)).toBe(written);
  expect(unguarded(written)).toBe(text);
});

test("whatever is guarded comes back, and no line or piece of it begins with a sign that is run", () => {
  const text = fc.string({ unit: fc.constantFrom("=", "+", "-", "@", "＝", "'", '"', " ", ";", "\n", "\r", "a", ",") });
  fc.assert(
    fc.property(text, (wanted) => {
      const written = guarded(wanted);
      expect(unguarded(written)).toBe(wanted);
      expect(written.split(/[;\r\n]/).filter((piece) => /^[\s"]*[=+\-@＝＋－＠]/.test(piece))).toEqual([]);
    }),
  );
});

test("a million line breaks are guarded without looking at each run again", () => {
  const text = `${"\n".repeat(1_000_000)}=1`;
  expect(unguarded(guarded(text))).toBe(text);
});
