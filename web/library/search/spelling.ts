/** Terms of a query go in; those that the library does not hold come out as the nearest that it does. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { rows, value } from "../statements.ts";
import { matchOf } from "./match.ts";
import type { Term } from "./query.ts";
import { plain, prepareTerms, termsOf } from "./stems.ts";

/** A word that was typed, and what was searched in its place. */
export interface Replaced {
  readonly from: string;
  readonly to: string;
}

const SHORTEST = 4; // letters; almost every shorter word is one letter away from another
const TWO_EDITS_FROM = 8; // letters
const LETTERS = [..."abcdefghijklmnopqrstuvwxyz0123456789"];
/** Endings that stems lose: half an ending typed belongs to no stem, the whole one does. */
const ENDINGS = "ing ed es ation ization ment ness able ity ive ly ous ance ence ion al er".split(" ");

/** Return the terms with each word that the library does not hold replaced; the same terms when nothing was. */
export function respelled(
  db: Database,
  terms: readonly Term[],
): { terms: readonly Term[]; replaced: readonly Replaced[] } {
  const replaced: Replaced[] = [];
  const found = terms.map((term) => {
    if (term.isPhrase || isHeld(db, term)) return term;
    const finished = term.isPrefix ? finishedWord(db, term) : null;
    if (finished !== null) return finished;
    const nearest = nearestWord(db, term.text);
    if (nearest === null) return term;
    replaced.push({ from: term.text, to: nearest });
    return { ...term, text: nearest, isPrefix: false };
  });
  return found.some((term, place) => term !== terms[place]) ? { terms: found, replaced } : { terms, replaced };
}

function isHeld(db: Database, term: Term): boolean {
  return value(db, "SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", [matchOf(term)]) !== undefined;
}

/** Return a word of the library that a half-typed one may become: "runnin" is in no stem, "running" is. */
function finishedWord(db: Database, term: Term): Term | null {
  for (const ending of ENDINGS) {
    for (let typed = ending.length - 1; typed > 0; typed--) {
      if (!term.text.endsWith(ending.slice(0, typed)) || term.text.length - typed < 3) continue;
      const finished = { ...term, text: term.text + ending.slice(typed), isPrefix: false };
      if (isHeld(db, finished)) return finished;
    }
  }
  return null;
}

function nearestWord(db: Database, word: string): string | null {
  const stems = termsOf(db, word);
  const stem = stems[0];
  if (stem === undefined || stems.length > 1 || [...stem].length < SHORTEST - 1 || [...word].length < SHORTEST)
    return null;
  const allowed = [...word].length >= TWO_EDITS_FROM ? 2 : 1;
  const whole = plain(word).trim(); // "braed" seems to have an ending, "bread" has none
  let best = { term: "", distance: allowed + 1, rows: 0 };
  const compare = (held: readonly Held[]) => {
    for (const { term, rows } of held) {
      const distance = Math.min(editDistance(stem, term, allowed), editDistance(whole, term, allowed));
      if (distance < best.distance || (distance === best.distance && rows > best.rows)) best = { term, distance, rows };
    }
  };
  // Few get the first two letters wrong, and all terms with one letter are ten times as many.
  for (const letters of [2, 1]) {
    compare(
      sameBeginning(db, [...stem].slice(0, letters).join(""), [...stem].length - allowed, [...whole].length + allowed),
    );
    if (letters === 2) compare(otherBeginning(db, stem));
    if (best.distance <= 1) break;
  }
  return best.distance > allowed ? null : asWritten(db, best.term);
}

interface Held {
  readonly term: string;
  readonly rows: number;
}

function heldOf([term, rows]: readonly unknown[]): Held {
  return { term: String(term), rows: Number(rows) };
}

/** Return the library's terms that begin so and have from `shortest` to `longest` letters. */
function sameBeginning(db: Database, beginning: string, shortest: number, longest: number): Held[] {
  prepareTerms(db);
  return rows(
    db,
    `SELECT term, doc FROM temp.words_terms
     WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?`,
    [beginning, `${beginning}\u{10FFFF}`, shortest, longest],
  ).map(heldOf);
}

/** Return the library's terms that differ at the first letter: exchanged, left out, added or another. */
function otherBeginning(db: Database, stem: string): Held[] {
  const [first = "", second = "", ...others] = stem;
  const rest = second + others.join("");
  const guesses = [second + first + others.join(""), rest, ...LETTERS.flatMap((one) => [one + rest, one + stem])];
  return guesses.flatMap((guess) =>
    rows(db, "SELECT term, doc FROM temp.words_terms WHERE term = ?", [guess]).map(heldOf),
  );
}

/** Return a term as some text has it, since a stem is no word to show. */
function asWritten(db: Database, term: string): string {
  const place = db.selectArray('SELECT doc, col, "offset" FROM temp.words_places WHERE term = ? LIMIT 1', [term]);
  if (place === undefined) return term;
  const text = db.selectValue(`SELECT ${String(place[1])} FROM cutout WHERE id = ?`, [place[0] as number]);
  const word = String(text)
    .match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu)
    ?.[Number(place[2])]?.toLowerCase();
  return word !== undefined && termsOf(db, word).join() === term ? word : term;
}

/**
 * Return how many letters have to be added, left out, changed or exchanged with their neighbour to come from one word
 * to the other (optimal string alignment); anything above `most` once it is sure to be above.
 */
export function editDistance(from: string, to: string, most = Number.POSITIVE_INFINITY): number {
  const [a, b] = [[...from], [...to]];
  let [before, last]: [number[], number[]] = [[], b.map((_, place) => place)];
  last.push(b.length);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const [left, up, diagonal] = [row[j - 1] ?? 0, last[j] ?? 0, last[j - 1] ?? 0];
      let edits = Math.min(left + 1, up + 1, diagonal + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, (before[j - 2] ?? 0) + 1);
      row.push(edits);
    }
    if (Math.min(...row) > most) return most + 1;
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
