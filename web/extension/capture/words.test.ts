/** Words at the edge of a passage: whole ones, as a browser looks for them. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { firstWords, lastWords } from "./words.ts";

test("only whole words are kept", () => {
  expect(firstWords("the quick brown fox", 12)).toBe("the quick");
  expect(lastWords("the quick brown fox", 12)).toBe("brown fox");
  expect(lastWords("the quick brown fox ", 10)).toBe("brown fox ");
});

test("a short text is kept whole and a long word not at all", () => {
  expect(firstWords("the fox", 7)).toBe("the fox");
  expect(firstWords("x".repeat(500), 32)).toBe("");
  expect(lastWords("x".repeat(500), 32)).toBe("");
});

test("scripts without spaces are parted between words", () => {
  const text = "東京都は日本の首都であり、世界最大の都市圏を形成している。".repeat(3);
  const kept = lastWords(text, 20);
  expect(kept.length).toBeGreaterThan(10);
  expect(text.endsWith(kept)).toBe(true);
});

test("what is kept is the beginning or the end of the text and not longer than asked", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "b ", "é", " ", "日"), maxLength: 300 }),
      fc.nat(80),
      (text, most) => {
        const [first, last] = [firstWords(text, most), lastWords(text, most)];
        expect(first.length <= most && last.length <= most).toBe(true);
        expect(text.startsWith(first) && text.endsWith(last)).toBe(true);
      },
    ),
  );
});
