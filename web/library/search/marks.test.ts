/** Texts and queries in; fails where other words are marked than full text itself would mark. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { emptyLibrary } from "../library.testing.ts";
import { TOKENIZER } from "../schema.ts";
import { matchesOf, wordsOf } from "./marks.ts";
import { matchOf } from "./match.ts";
import { parseQuery, type Term } from "./query.ts";

const FILLING = [
  "the",
  "one",
  "a",
  "10",
  "zebra",
  "under_score",
  "x.",
  "und:",
  "été",
  "—",
  "🍐",
  "водa",
  "日本語",
  "E.U.",
];
/** Pairs that are one to full text, or nearly. */
const LIKE =
  "sensibility sensible happy happiness flies fly eyed eye filing file cafe\u0301 café Ünder under relational".split(
    " ",
  );
const OTHERS =
  "relate _to to activity activate hopping hop \u212Aelvin kelvin covid-19 covid-1 ſalt salt dies ay aye İs is".split(
    " ",
  );
const SOME = fc.constantFrom(...LIKE, ...OTHERS);
let db: Database;

beforeAll(async () => {
  ({ db } = await emptyLibrary());
  db.exec(`CREATE VIRTUAL TABLE temp.whole USING fts5 (text, tokenize = '${TOKENIZER}')`);
});

/** Return the text with brackets around what full text finds. */
function byFullText(text: string, terms: readonly Term[]): string {
  db.exec("DELETE FROM temp.whole");
  db.exec("INSERT INTO temp.whole VALUES (?)", { bind: [text] });
  const sql = "SELECT highlight(whole, 0, '[', ']') FROM temp.whole WHERE whole MATCH ?";
  return (db.selectValue(sql, [terms.map(matchOf).join(" OR ")]) as string | undefined) ?? text;
}

function byMarks(text: string, terms: readonly Term[]): string {
  const words = wordsOf(text);
  const [matches = []] = matchesOf(db, [words], terms);
  return matches.reduceRight((all, { first, last }) => {
    const [start, end] = [words[first]?.start ?? 0, words[last]?.end ?? 0];
    return `${all.slice(0, start)}[${all.slice(start, end)}]${all.slice(end)}`;
  }, text);
}

test("the words that are marked are those that full text marks", () => {
  const text = fc.array(fc.oneof(SOME, fc.constantFrom(...FILLING)), { maxLength: 40 });
  const phrase = fc.array(SOME, { minLength: 2, maxLength: 3 }).map((words) => `"${words.join(" ")}"`);
  const query = fc.tuple(fc.array(fc.oneof(SOME, phrase), { minLength: 1, maxLength: 3 }), fc.constantFrom("", " "));
  let marks = 0;
  fc.assert(
    fc.property(text, query, fc.nat(3), (texts, [asked, end], less) => {
      const typed = asked.join(" ");
      const { terms } = parseQuery((end === "" ? typed.slice(0, typed.length - less) : typed) + end);
      fc.pre(terms.length > 0 && terms.some((term) => /[\p{L}\p{N}]/u.test(term.text)));
      const expected = byFullText(texts.join(" "), terms);
      if (expected.includes("[")) marks++;
      expect(byMarks(texts.join(" "), terms)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
  expect(marks).toBeGreaterThan(200);
});
