/** Found cutouts and the terms that found them go in; pieces of title and text come out, those that match marked. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { rows, run } from "../statements.ts";
import { matchOf } from "./match.ts";
import type { Term } from "./query.ts";
import { isUnspaced } from "./runs.ts";
import { ASKED, shownTerms, withShown } from "./stems.ts";
import { windowFor } from "./window.ts";

/** Text as it is, never HTML, and whether it is what was looked for. */
export interface Piece {
  readonly text: string;
  readonly isMatch: boolean;
}

/** What is shown of one cutout. */
export interface Shown {
  readonly title: readonly Piece[];
  readonly snippet: readonly Piece[];
}

export interface Texts {
  readonly id: number;
  readonly title: string;
  readonly body: string;
}

const LONGEST = 20_000; // letters of a text in which matches are looked for, so that a long page takes no longer
const LONG = 1500; // letters from which on it is less to cut a text than to put all of it into full text
const SHOWN_WORDS = 32;
const SPARE_WORDS = 8; // behind what is shown, so that its end is no end of the text
const SHOWN_LETTERS = 200;
// From the private use area, and taken out of the text first: so nothing in a text can pass for a mark.
const [OPEN, CLOSE] = ["\uE000", "\uE001"];
const MARKS = /[\uE000\uE001\0]/g;

/** Return what is shown of each cutout, by id. FTS5 itself says what matches, so stems, accents and prefixes are right. */
export function snippetsOf(db: Database, cutouts: readonly Texts[], terms: readonly Term[]): Map<number, Shown> {
  const texts = cutouts.map(({ id, title, body }) => ({ id, title: cleaned(title), body: cleaned(body) }));
  if (isUnspaced(terms)) return new Map(texts.map((one) => [one.id, shownByLetters(one, terms)]));
  const shown = new Map(texts.map((one) => [one.id, unmarked(one)]));
  if (terms.length === 0) return shown;
  withShown(db, () => {
    const put = texts.some(({ body }) => body.length > LONG) ? cutTexts(db, texts, terms) : texts;
    run(db, INSERT, [JSON.stringify(put.map(({ id, title, body }) => [id, title, body]))]);
    const found = rows(
      db,
      `SELECT rowid, highlight(shown, 0, ?1, ?2), snippet(shown, 1, ?1, ?2, '…', ${SHOWN_WORDS})
       FROM temp.shown WHERE shown MATCH ?3`,
      [OPEN, CLOSE, terms.map(matchOf).join(" OR ")],
    ) as [number, string, string][];
    for (const [id, title, body] of found)
      if (id !== ASKED) shown.set(id, { title: piecesOf(title), snippet: piecesOf(body) });
  });
  return shown;
}

// In one statement: each of its own would be a transaction of its own.
const INSERT = `INSERT INTO temp.shown (rowid, title, body)
  SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)`;

/** Return the texts without ends that nothing shown depends on. */
function cutTexts(db: Database, texts: readonly Texts[], terms: readonly Term[]): Texts[] {
  const asked = shownTerms(db, terms.map(({ text }) => text).join(" "));
  const windowOf = windowFor(asked, SHOWN_WORDS + SPARE_WORDS);
  return texts.map((one) => (one.body.length > LONG ? { ...one, body: windowOf(one.body) } : one));
}

function cleaned(text: string): string {
  return text.slice(0, LONGEST).toWellFormed().replace(MARKS, "");
}

function unmarked({ title, body }: Texts): Shown {
  return { title: plainPiece(title), snippet: plainPiece(body.length > SHOWN_LETTERS ? opening(body) : body) };
}

function opening(body: string): string {
  const start = body.slice(0, SHOWN_LETTERS).toWellFormed().replace("\uFFFD", "");
  const space = start.lastIndexOf(" ");
  return `${space > SHOWN_LETTERS / 2 ? start.slice(0, space) : start}…`;
}

function plainPiece(text: string): Piece[] {
  return text === "" ? [] : [{ text, isMatch: false }];
}

function piecesOf(marked: string): Piece[] {
  return marked.split(OPEN).flatMap((part, place) => {
    if (place === 0) return plainPiece(part);
    const [match = "", rest = ""] = part.split(CLOSE);
    return [{ text: match, isMatch: true }, ...plainPiece(rest)];
  });
}

/** Scripts without spaces have no words to ask FTS5 for: terms are looked for letter by letter. */
function shownByLetters({ title, body }: Texts, terms: readonly Term[]): Shown {
  const wanted = terms.map(({ text }) => text.trim()).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(wanted.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "giu");
  const first = body.search(pattern);
  const start = Math.max(0, first - SHOWN_LETTERS / 4);
  const part = body
    .slice(start, start + SHOWN_LETTERS)
    .toWellFormed()
    .replaceAll("\uFFFD", "");
  const around = `${start > 0 ? "…" : ""}${part}${start + SHOWN_LETTERS < body.length ? "…" : ""}`;
  return { title: lettersOf(title, pattern), snippet: lettersOf(around, pattern) };
}

function lettersOf(text: string, pattern: RegExp): Piece[] {
  return piecesOf(text.replace(pattern, (match) => OPEN + match + CLOSE));
}
