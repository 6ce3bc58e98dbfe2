/** Found cutouts and the terms that found them go in; pieces of title and text come out, those that match marked. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { type Match, matchesOf, type Word, wordsOf } from "./marks.ts";
import type { Term } from "./query.ts";
import { isUnspaced } from "./runs.ts";

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
const SHOWN_WORDS = 32;
const SHOWN_LETTERS = 200;

/** Return what is shown of each cutout, by id. */
export function snippetsOf(db: Database, cutouts: readonly Texts[], terms: readonly Term[]): Map<number, Shown> {
  const texts = cutouts.map(({ id, title, body }) => ({ id, title: cleaned(title), body: cleaned(body) }));
  if (isUnspaced(terms)) return new Map(texts.map((one) => [one.id, shownByLetters(one, terms)]));
  if (terms.length === 0) return new Map(texts.map((one) => [one.id, unmarked(one)]));
  const words = texts.flatMap(({ title, body }) => [wordsOf(title), wordsOf(body)]);
  const matches = matchesOf(db, words, terms);
  return new Map(
    texts.map((one, place) => {
      const [inTitle = [], inBody = []] = matches.slice(2 * place);
      if (inTitle.length + inBody.length === 0) return [one.id, unmarked(one)];
      const [ofTitle = [], ofBody = []] = words.slice(2 * place);
      return [one.id, { title: marked(one.title, ofTitle, inTitle), snippet: around(one.body, ofBody, inBody) }];
    }),
  );
}

/** Return the words around as many of the terms as stand near each other, marked. */
function around(body: string, words: readonly Word[], matches: readonly Match[]): Piece[] {
  if (words.length <= SHOWN_WORDS) return marked(body, words, matches);
  const from = startOf(matches, words.length);
  const to = from + SHOWN_WORDS;
  const start = from === 0 ? 0 : (words[from]?.start ?? 0);
  const end = to === words.length ? body.length : (words[to - 1]?.end ?? body.length);
  const seen = matches.filter(({ first, last }) => first >= from && last < to);
  const pieces = marked(body, words, seen, start, end);
  return [...(from > 0 ? plainPiece("…") : []), ...pieces, ...(to < words.length ? plainPiece("…") : [])];
}

/** Return the first word of the part with the most terms, the matches in its middle. */
function startOf(matches: readonly Match[], length: number): number {
  let [best, from] = [0, 0];
  for (const [place, { first }] of matches.entries()) {
    const near = matches.slice(place).filter(({ last }) => last < first + SHOWN_WORDS);
    const score = new Set(near.map(({ term }) => term)).size * SHOWN_WORDS + near.length;
    if (score <= best) continue;
    const width = (near.at(-1)?.last ?? first) + 1 - first;
    [best, from] = [score, first - Math.floor((SHOWN_WORDS - width) / 2)];
  }
  return Math.max(0, Math.min(from, length - SHOWN_WORDS));
}

/** Return the text from `start` to `end` in pieces. */
function marked(
  text: string,
  words: readonly Word[],
  matches: readonly Match[],
  start = 0,
  end = text.length,
): Piece[] {
  let done = start;
  const pieces = matches.flatMap(({ first, last }) => {
    const [from, to] = [words[first]?.start ?? done, words[last]?.end ?? done];
    const before = plainPiece(text.slice(done, from));
    done = to;
    return [...before, { text: text.slice(from, to), isMatch: true }];
  });
  return [...pieces, ...plainPiece(text.slice(done, end))];
}

function cleaned(text: string): string {
  return text.slice(0, LONGEST).toWellFormed().replaceAll("\0", "");
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
  let done = 0;
  const pieces = Array.from(text.matchAll(pattern), ({ 0: match, index }) => {
    const before = plainPiece(text.slice(done, index));
    done = index + match.length;
    return [...before, { text: match, isMatch: true }];
  }).flat();
  return [...pieces, ...plainPiece(text.slice(done))];
}
