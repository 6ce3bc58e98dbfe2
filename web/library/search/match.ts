/** Terms go in, expressions of FTS5 come out in which nothing that was typed is syntax. */

import type { Term } from "./query.ts";

const UNGROWN = /(?<=[\p{L}\p{N}][^\p{L}\p{N}\p{M}\p{Co}]+)[\p{L}\p{N}\p{M}\p{Co}]{1,2}$/u; // full text indexes beginnings of three
const SHORTEST_PREFIX = 2; // letters; one letter begins half of all words

/** Return a text as one string of FTS5. */
export function quoted(text: string): string {
  return `"${text.toWellFormed().replaceAll("\0", " ").replaceAll('"', '""')}"`;
}

/**
 * Return what finds a term: its stem, and if it is a prefix also every word that begins with it. Where a compound such as
 * "covid-19" ends in one or two letters that may grow, its beginning is enough: full text would look at each word that
 * begins with these letters, and where it stands.
 */
export function matchOf(term: Term): string {
  const [whole, wide] = [quoted(term.text), widestOf(term)];
  // Twice, so that the word itself counts for more than one that begins with it. FTS5 takes both to their stem.
  return wide === whole ? whole : `(${wide} OR ${whole})`;
}

/** Return what finds the same rows with less work, for where nothing is weighed. */
export function widestOf(term: Term): string {
  const { text, isPrefix } = widened(term);
  return isPrefix ? `${quoted(text)} *` : quoted(text);
}

/** Return the text that is looked for, and whether words count that only begin with it. */
export function widened({ text, isPrefix }: Term): Pick<Term, "text" | "isPrefix"> {
  const grown = isPrefix ? text.replace(UNGROWN, "") : text;
  if (grown !== text) return { text: grown, isPrefix: false };
  return { text, isPrefix: isPrefix && [...text].length >= SHORTEST_PREFIX };
}
