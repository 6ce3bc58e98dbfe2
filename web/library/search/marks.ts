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
  return Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({
    text: word,
    start: index,
    end: index + word.length,
  }));
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
  const beginnings = new Set(patterns.flatMap(({ stems }) => stems.map(beginningOf)));
  const candidates = texts.map((words) => words.map(({ text }) => (mayMatch(text, beginnings) ? text : null)));
  const stemsOf = termsOfEach(
    db,
    candidates.flat().filter((text) => text !== null),
  );
  return candidates.map((words) => {
    const stems = words.map((text) => (text === null ? undefined : stemsOf(text)[0]));
    return apart(stems.flatMap((stem, place) => (stem === undefined ? [] : matchesAt(stems, place, patterns))));
  });
}

/**
 * Whether full text may take a word for one that begins so. Of the first two letters, Porter's rules only make i of a y;
 * what capitals and accents hide is left to full text.
 */
function mayMatch(word: string, beginnings: ReadonlySet<string>): boolean {
  const beginning = beginningOf(word);
  return /[^\0-\x7f]/.test(beginning) || beginnings.has(beginning) || beginnings.has(beginning.slice(0, 1));
}

function beginningOf(word: string): string {
  return word.slice(0, 2).toLowerCase().replace("y", "i");
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

function matchesAt(stems: readonly (string | undefined)[], first: number, patterns: readonly Pattern[]): Match[] {
  return patterns
    .filter(({ stems: wanted, isPrefix }) =>
      wanted.every((stem, place) => {
        const isLast = place === wanted.length - 1;
        return isPrefix && isLast ? stems[first + place]?.startsWith(stem) : stems[first + place] === stem;
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
