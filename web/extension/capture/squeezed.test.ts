/** Text without white space: every other character stays one, or places in it would be places elsewhere. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { isBetween, squeezed } from "./squeezed.ts";

test("what breaks lines, hides or is a capital makes no difference", () => {
  expect(squeezed(" The\u00adQuick\u200b\n\tBROWN\u00a0 fox ")).toBe("thequickbrownfox");
  expect(squeezed("ΟΔΟΣ")).toBe(squeezed("οδος"));
});

test("each UTF-16 unit that is not left out is one unit", () => {
  const codes = Array.from({ length: 0x10000 }, (_, code) => code);
  const wrong = codes.filter((code) => squeezed(String.fromCharCode(code)).length !== (isBetween(code) ? 0 : 1));
  expect(wrong).toEqual([]);
});

test("texts that are squeezed one by one are the text that is squeezed whole", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom(..."Aé \nİΣςσß\u00ad𝒳") })), (texts) => {
      expect(texts.map(squeezed).join("")).toBe(squeezed(texts.join("")));
      expect(squeezed(texts.join("")).length).toBe(
        Array.from({ length: texts.join("").length }, (_, n) => texts.join("").charCodeAt(n)).filter(
          (c) => !isBetween(c),
        ).length,
      );
    }),
  );
});
