/** Terms go in, expressions of FTS5 come out in which nothing that was typed is syntax. */

import type { Term } from "./query.ts";

const SHORTEST_PREFIX = 2; // letters; one letter begins half of all words

/** Return a text as one string of FTS5. */
export function quoted(text: string): string {
  return `"${text.toWellFormed().replaceAll("\0", " ").replaceAll('"', '""')}"`;
}

/** Return what finds a term: its stem, and if it is a prefix also every word that begins with it. */
export function matchOf({ text, isPrefix }: Term): string {
  // Twice, so that the word itself counts for more than one that begins with it. FTS5 takes both to their stem.
  return isPrefix && [...text].length >= SHORTEST_PREFIX ? `(${quoted(text)} * OR ${quoted(text)})` : quoted(text);
}
