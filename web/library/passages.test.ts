/** Texts in; fails where a passage is too long or words are lost. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { MOST_PASSAGES, PASSAGE_WORDS, passagesOf } from "./passages.ts";

const plain = { title: "", body: "", note: "" };

test("the first passage has the title, and the rest of a long text follows", () => {
  const body = Array.from({ length: PASSAGE_WORDS + 3 }, (_, n) => `w${n}`).join(" ");
  const [first = "", second = "", ...others] = passagesOf({ title: "Title", body, note: "mine" });
  expect([first.startsWith("Title\nw0 w1"), second, others]).toEqual([true, "w200 w201 w202 mine", []]);
});

test("a title alone is a passage, and nothing is none", () => {
  expect(passagesOf({ ...plain, title: "Title" })).toEqual(["Title"]);
  expect(passagesOf(plain)).toEqual([]);
});

test("whatever the text, passages are few, short, and hold its words in order", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 2000 }), { maxLength: 40 }), (parts) => {
      const passages = passagesOf({ ...plain, body: parts.join(" ") });
      expect(passages.length).toBeLessThanOrEqual(MOST_PASSAGES);
      for (const passage of passages) expect(passage.length).toBeLessThanOrEqual(1500 + PASSAGE_WORDS);
      const letters = parts.join("").replace(/\s/g, "");
      expect(letters.startsWith(passages.join("").replace(/\s/g, ""))).toBe(true);
    }),
  );
});
