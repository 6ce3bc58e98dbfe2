/** Text comes out well-formed, without control characters, and never longer than asked. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanLine, cleanText, cutTo, sampleOf } from "./text.ts";

test("a title is one line without control characters", () => {
  expect(cleanLine("  a\tb\r\n c\u0000d\u001b[1m\u0085 ")).toBe("a b cd[1m");
});

test("a note keeps lines, tabs and indents, and at most one empty line in a row", () => {
  expect(cleanText("\r\n- one  \r\n\t- two\u0007\r\r\n\n\nend\n")).toBe("- one\n\t- two\n\nend");
});

test("half of a surrogate pair becomes U+FFFD", () => {
  expect(cleanLine("a\ud83d")).toBe("a\ufffd");
  expect(cleanText("\udc00b 😀")).toBe("\ufffdb 😀");
});

test("a cut never halves a character", () => {
  expect(cutTo("ab😀", 3)).toBe("ab");
  expect(cutTo("ab😀", 4)).toBe("ab😀");
});

test("a sample has at most 80 characters", () => {
  expect(sampleOf("long\n".repeat(1_000))).toHaveLength(80);
});

test("whatever goes in, cleaning twice changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (raw) => {
      for (const clean of [cleanLine, cleanText]) {
        const text = clean(raw);
        expect(clean(text)).toBe(text);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/[^\P{Cc}\n\t]/u);
      }
    }),
  );
});

test("a run of a million spaces is no reason to wait", () => {
  expect(cleanText(`${" ".repeat(1_000_000)}x${" ".repeat(1_000_000)}`)).toBe("x");
  expect(cleanLine(`a${" ".repeat(1_000_000)}b`)).toBe("a b");
});
