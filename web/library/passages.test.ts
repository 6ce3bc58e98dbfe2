import fc from "fast-check";
import { expect, test } from "vitest";
import { passagesOf } from "./passages.ts";

test("a title and a short body are one passage", () => {
  expect(passagesOf("Bread", "Mix and bake.")).toEqual(["Bread\nMix and bake."]);
});

test("a cutout without words has no passage", () => {
  expect(passagesOf("", " \n")).toEqual([]);
});

test("a long body is cut between words, and only its beginning stands with the title", () => {
  const words = Array.from({ length: 500 }, (_, index) => `word${index}`);
  const passages = passagesOf("Title", words.join(" "));
  expect(passages.length).toBeGreaterThan(2);
  expect(passages.join(" ").split(/\s+/)).toEqual(["Title", ...words]);
  expect(passages.filter((text) => text.includes("Title"))).toHaveLength(1);
});

test("no passage is longer than a transformer reads, and no character is parted", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 5000 }), (body) => {
      for (const passage of passagesOf("", body)) {
        expect(passage.length).toBeLessThanOrEqual(1_200);
        expect(passage.isWellFormed()).toBe(true);
      }
    }),
  );
});

test("a body of ten million characters gives no more than 64 passages", () => {
  expect(passagesOf("", "漢".repeat(10_000_000))).toHaveLength(64);
});
