/** Texts and the terms that found them go in; where words of a text match comes out, by the stems of full text. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { widened } from "./match.ts";
import type { Term } from "./query.ts";
import { termsOfEach } from "./stems.ts";

/** A word of a text, by where it begins and ends in it. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Words of a text that match together, by the places of the first and of the last among the text's words. */
export interface Match {
  readonly first: number;
  readonly last: number;
  /** Which term it is. */
  readonly term: number;
}

/** What full text takes for a word: letters, digits and private use, and marks behind one of these. */
const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;

/** Return the words of a text, in order. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  WORD.lastIndex = 0;
  for (let found = WORD.exec(text); found !== null; found = WORD.exec(text))
    words.push({ text: found[0], start: found.index, end: WORD.lastIndex });
  return words;
}

/** A term as full text looks for it: these stems one behind the other, of the last one perhaps its beginning only. */
interface Pattern {
  readonly stems: readonly string[];
  readonly isPrefix: boolean;
  readonly term: number;
}

/** Return what matches in each list of words, in order and none over another. */
export function matchesOf(db: Database, texts: readonly (readonly Word[])[], terms: readonly Term[]): Match[][] {
  const patterns = patternsOf(db, terms);
  const beginnings = new Set(patterns.flatMap(({ stems }) => stems.map((stem) => beginningOf(stem))));
  const candidates = texts.map((words) => placesOf(words, beginnings));
  const stemsOf = termsOfEach(
    db,
    texts.flatMap((words, text) => (candidates[text] ?? []).map((place) => words[place]?.text ?? "")),
  );
  return texts.map((words, text) => {
    const places = candidates[text] ?? [];
    const stems = new Map(places.map((place) => [place, stemsOf(words[place]?.text ?? "")[0]]));
    return apart(places.flatMap((place) => matchesAt(stems, place, patterns)));
  });
}

/** Return the places of the words that may match: few of a text's words, so the rest is left alone. */
function placesOf(words: readonly Word[], beginnings: ReadonlySet<number>): number[] {
  const places: number[] = [];
  for (let place = 0; place < words.length; place++)
    if (mayMatch((words[place] as Word).text, beginnings)) places.push(place);
  return places;
}

/**
 * Whether full text may take a word for one that begins so. Of the first two letters, Porter's rules only make i of a y;
 * what capitals and accents hide is left to full text.
 */
function mayMatch(word: string, beginnings: ReadonlySet<number>): boolean {
  const beginning = beginningOf(word);
  return beginning === OTHER || beginnings.has(beginning) || beginnings.has(beginning & 0xff00); // also a stem of one letter
}

/** Return the first two letters as one number, without capitals and with i for y; OTHER where one is not of ASCII. */
function beginningOf(word: string): number {
  const [first, second] = [word.charCodeAt(0), word.length > 1 ? word.charCodeAt(1) : 0];
  return first > 0x7f || second > 0x7f ? OTHER : (plainLetter(first) << 8) | plainLetter(second);
}
const OTHER = -1;

function plainLetter(code: number): number {
  const small = code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
  return small === 0x79 ? 0x69 : small; // i for y
}

function patternsOf(db: Database, terms: readonly Term[]): Pattern[] {
  const wide = terms.map(widened);
  const stemsOf = termsOfEach(
    db,
    [...terms, ...wide].map(({ text }) => text),
  );
  return terms
    .flatMap(({ text }, term) => [
      { stems: stemsOf(text), isPrefix: false, term },
      { stems: stemsOf(wide[term]?.text ?? text), isPrefix: wide[term]?.isPrefix === true, term },
    ])
    .filter(({ stems }) => stems.length > 0);
}

function matchesAt(
  stems: ReadonlyMap<number, string | undefined>,
  first: number,
  patterns: readonly Pattern[],
): Match[] {
  return patterns
    .filter(({ stems: wanted, isPrefix }) =>
      wanted.every((stem, place) => {
        const isLast = place === wanted.length - 1;
        const found = stems.get(first + place);
        return isPrefix && isLast ? found?.startsWith(stem) : found === stem;
      }),
    )
    .map(({ stems: wanted, term }) => ({ first, last: first + wanted.length - 1, term }));
}

/** Return the matches, of those that share a word the one that begins first, as far as the others reach. */
function apart(matches: readonly Match[]): Match[] {
  const kept: Match[] = [];
  for (const match of matches) {
    const before = kept.at(-1);
    if (before === undefined || match.first > before.last) kept.push(match);
    else kept[kept.length - 1] = { ...before, last: Math.max(before.last, match.last) };
  }
  return kept;
}
