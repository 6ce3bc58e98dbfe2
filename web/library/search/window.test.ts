/** Long texts and queries in; fails where full text shows another part of a text that was cut than of the whole. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyLibrary } from "../library.testing.ts";
import { matchOf } from "./match.ts";
import { parseQuery } from "./query.ts";
import { termsOf, withShown } from "./stems.ts";
import { windowFor } from "./window.ts";

const WORDS = 40;
const FILLING = ["the", "one", "a", "10", "zebra", "under_score", "x.", "und:", "été", "—", "🍐", "водa"];
const END = ["zebra", "x.", "und:", "—", "“word”", "under_score"];
/** Pairs that are one to full text, or nearly. */
const LIKE =
  "sensibility sensible happy happiness happier flies fly eyed eye filing file cafe\u0301 café relational".split(" ");
const OTHERS =
  "relate _to to activity activate hopping hop \u212Aelvin kelvin covid-19 covid-1 ſalt salt dies die".split(" ");

/** Return what is shown of a text with 32 words, as full text itself chooses it. */
function shownOf(db: Database, text: string, match: string): unknown {
  return withShown(db, () => {
    db.exec("INSERT INTO temp.shown (rowid, body) VALUES (1, ?)", { bind: [text] });
    return db.selectValue("SELECT snippet(shown, 1, '[', ']', '…', 32) FROM temp.shown WHERE shown MATCH ?", [match]);
  });
}

function cut(db: Database, text: string, typed: string): string {
  const terms = termsOf(
    db,
    parseQuery(typed)
      .terms.map((term) => term.text)
      .join(" "),
  );
  return windowFor(terms, WORDS)(text);
}

test("a text that was cut shows what the whole would have shown", async () => {
  const { db } = await emptyLibrary();
  const some = fc.constantFrom(...LIKE, ...OTHERS);
  const word = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...FILLING) }, { weight: 1, arbitrary: some });
  const part = fc.array(word, { minLength: 30, maxLength: 150 });
  const end = fc.array(fc.constantFrom(...END), { minLength: 30, maxLength: 90 });
  const text = fc.tuple(part, end).map((words) => words.flat().join(" "));
  const query = fc
    .tuple(fc.array(some, { minLength: 1, maxLength: 3 }), fc.constantFrom("", " "))
    .map(([a, b]) => a.join(" ") + b);
  let shorter = 0;
  fc.assert(
    fc.property(text, query, (whole, typed) => {
      const match = parseQuery(typed).terms.map(matchOf).join(" OR ");
      const part = cut(db, whole, typed);
      if (part.length < whole.length) shorter++;
      expect(whole.startsWith(part)).toBe(true);
      expect(shownOf(db, part, match)).toEqual(shownOf(db, whole, match));
    }),
    { numRuns: 300 },
  );
  expect(shorter).toBeGreaterThan(30);
});

test("a word far behind that full text takes for the one typed is not cut off", async () => {
  const { db } = await emptyLibrary();
  const filling = "zebra ".repeat(60);
  for (const typed of [...LIKE, ...OTHERS].flatMap((word) => [word, `${word} `, word.slice(0, -2)]))
    for (const word of [...LIKE, ...OTHERS]) {
      const whole = `${filling}${word} ${filling}`;
      const match = parseQuery(typed).terms.map(matchOf).join(" OR ");
      if (match === "") continue;
      const shown = shownOf(db, whole, match);
      expect([typed, word, shownOf(db, cut(db, whole, typed), match)]).toEqual([typed, word, shown]);
    }
});

test("a text is cut some words behind its last match, and behind its first words without any", async () => {
  const { db } = await emptyLibrary();
  const filling = "other words ".repeat(100);
  expect(cut(db, `${filling}bread ${filling}`, "bread ")).toBe(`${filling}bread ${"other words ".repeat(WORDS / 2)}`);
  expect(cut(db, filling, "bread ")).toBe(`${"other words ".repeat(WORDS / 2)}other `);
  expect(cut(db, "short text", "bread ")).toBe("short text");
  expect(cut(db, `${filling}хлеб ${filling}`, "хлеб ")).toBe(`${filling}хлеб ${"other words ".repeat(WORDS / 2)}`);
});
