/** Texts go in, taken apart as full text takes them apart: by a small table of its own in the database's memory. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { TOKENIZER } from "../schema.ts";
import { rows, run } from "../statements.ts";
import type { Term } from "./query.ts";

const TABLES = `
CREATE VIRTUAL TABLE IF NOT EXISTS temp.shown USING fts5 (title, body, tokenize = '${TOKENIZER}');
CREATE VIRTUAL TABLE IF NOT EXISTS temp.shown_terms USING fts5vocab (temp, shown, instance);
CREATE VIRTUAL TABLE IF NOT EXISTS temp.words_terms USING fts5vocab (main, words, row);
CREATE VIRTUAL TABLE IF NOT EXISTS temp.words_places USING fts5vocab (main, words, instance);
`;

/** Give `work` the empty table `temp.shown` with columns title and body; return what `work` does, and leave nothing. */
export function withShown<Result>(db: Database, work: () => Result): Result {
  prepareTerms(db);
  run(db, "SAVEPOINT shown");
  try {
    return work();
  } finally {
    run(db, "ROLLBACK TO shown"); // to delete rows would take them apart once more
    run(db, "RELEASE shown");
  }
}

/** Make the tables that list the terms of full text: `temp.words_terms` and `temp.words_places`. */
export function prepareTerms(db: Database): void {
  db.exec(TABLES);
}

/** Return the terms of a text, in order: without capitals, accents and endings. */
export function termsOf(db: Database, text: string): string[] {
  return withShown(db, () => shownTerms(db, text));
}

/** Return the same while `temp.shown` is empty in other work; the text is left there as the row `ASKED`. */
export function shownTerms(db: Database, text: string): string[] {
  run(db, "INSERT INTO temp.shown (rowid, body) VALUES (?, ?)", [ASKED, text]);
  return rows(db, 'SELECT term FROM temp.shown_terms ORDER BY "offset"').map(([term]) => term as string);
}
export const ASKED = -1; // no cutout's

/** Return a text without capitals and accents, nearly as full text compares it; exactly so for letters that it knows. */
export function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * Return the terms, one that has an ending already taken as a whole word. FTS5 takes the ending off a prefix too, so
 * "used" would mean every word that begins with "us".
 */
export function withoutStemmedPrefix(db: Database, terms: readonly Term[]): Term[] {
  return terms.map((term) => {
    if (!term.isPrefix) return term;
    const stem = termsOf(db, term.text).at(-1);
    return stem === undefined || plain(term.text).endsWith(stem) ? term : { ...term, isPrefix: false };
  });
}
