/** Words go in, their terms come out, as full text takes them apart: by a small table of its own in the database's memory. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { TOKENIZER } from "../schema.ts";
import { rows, run } from "../statements.ts";
import type { Term } from "./query.ts";

const TABLES = [
  `asked USING fts5 (text, tokenize = '${TOKENIZER}')`,
  "asked_terms USING fts5vocab (temp, asked, instance)",
  "words_terms USING fts5vocab (main, words, row)",
  "words_places USING fts5vocab (main, words, instance)",
];
const KEPT = 50_000; // texts whose terms are remembered: the words of a person's language, and then some

const kept = new WeakMap<Database, Map<string, readonly string[]>>();

/** Make the tables that list the terms of full text: `temp.words_terms` and `temp.words_places`. */
export function prepareTerms(db: Database): void {
  for (const table of TABLES) run(db, `CREATE VIRTUAL TABLE IF NOT EXISTS temp.${table}`);
}

/** Return the terms of a text, in order: without capitals, accents and endings. */
export function termsOf(db: Database, text: string): readonly string[] {
  return termsOfEach(db, [text])(text);
}

/** Return a function that says the terms of each of these texts. Most words of a question are known from those before. */
export function termsOfEach(db: Database, texts: Iterable<string>): (text: string) => readonly string[] {
  const known = kept.get(db) ?? new Map<string, readonly string[]>();
  kept.set(db, known);
  const unknown = [...new Set(texts)].filter((text) => !known.has(text));
  const found = takeApart(db, unknown);
  if (known.size + found.size > KEPT) known.clear();
  for (const [text, terms] of found) if (known.size < KEPT) known.set(text, terms);
  return (text) => known.get(text) ?? found.get(text) ?? [];
}

function takeApart(db: Database, texts: readonly string[]): Map<string, readonly string[]> {
  const found = new Map<string, string[]>(texts.map((text) => [text, []]));
  if (texts.length === 0) return found;
  prepareTerms(db);
  run(db, "SAVEPOINT asked");
  try {
    run(db, "INSERT INTO temp.asked (rowid, text) SELECT key, value FROM json_each(?)", [JSON.stringify(texts)]);
    const sql = 'SELECT doc, term FROM temp.asked_terms ORDER BY doc, "offset"';
    for (const [place, term] of rows(db, sql) as [number, string][]) found.get(texts[place] as string)?.push(term);
  } finally {
    run(db, "ROLLBACK TO asked"); // to delete rows would take them apart once more
    run(db, "RELEASE asked");
  }
  return found;
}

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
