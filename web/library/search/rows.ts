/**
 * A match of FTS5 goes in, the rows that have it come out; those of words in many cutouts are read once and kept as bits.
 *
 * A word that stands in half of all cutouts is a list of half of all cutouts, and FTS5 walks through it anew for each
 * query. In memory it is one bit per cutout, so that common words cost nearly nothing from their second use on.
 */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { run, rows as selected, value } from "../statements.ts";
import { type Allowed, isAllowed } from "./filters.ts";

/**
 * Rows from which on a word is required but says nothing about the order: to weigh it, BM25 counts all of its rows.
 * In a library of fewer cutouts every word counts.
 */
export const COMMON = 8000;
/** Rows from which on a word is kept in memory: rarer ones are read anew faster than they are kept up. */
export const KEPT_FROM = 500;
const KEPT = 1024; // words
const KEPT_BYTES = 32_000_000; // of all words kept; of a million cutouts each takes 125,000
const FOLLOWED = 2000; // changed cutouts times words kept, beyond which it is less to read the words again

/** The rows of a match: all ids, the lowest first, or a bit for each id where they are KEPT_FROM or more. */
export type Rows = Common | { readonly count: number; readonly ids: readonly number[]; readonly bits: null };

interface Common {
  readonly count: number;
  readonly ids: null;
  readonly bits: Uint32Array;
}

/** Rows that have several matches at once. */
export interface Shared {
  readonly total: number;
  /** The newest of them, the newest first. */
  readonly newest: readonly number[];
}

const kept = new WeakMap<Database, Map<string, Common>>();

/** Return the rows of a match. Call `followChanges` first, once for each query. */
export function rowsOf(db: Database, match: string): Rows {
  const words = kept.get(db);
  const known = words?.get(match);
  if (known !== undefined) {
    words?.delete(match); // and last again
    words?.set(match, known);
    return known;
  }
  // As one text: row by row takes several times as long.
  const ids = JSON.parse(
    value(db, "SELECT json_group_array(rowid) FROM words WHERE words MATCH ?", [match]) as string,
  ) as number[];
  if (ids.length < KEPT_FROM) return { count: ids.length, ids, bits: null };
  const rows = { count: ids.length, ids: null, bits: bitsOf(ids) };
  words?.set(match, rows);
  const [oldest] = words?.keys() ?? [];
  const most = Math.min(KEPT, KEPT_BYTES / rows.bits.byteLength);
  if (words !== undefined && words.size > most && oldest !== undefined) words.delete(oldest);
  return rows;
}

/** Bring what is kept to what the tables hold now. From the first call on, the database notes which texts change. */
export function followChanges(db: Database): void {
  const words = kept.get(db);
  if (words === undefined) {
    db.exec(NOTES);
    run(db, "DELETE FROM temp.words_changed");
    kept.set(db, new Map());
    return;
  }
  const sql = "SELECT DISTINCT id FROM temp.words_changed LIMIT ?";
  const changed = selected(db, sql, [FOLLOWED + 1]).map(([id]) => Number(id));
  if (changed.length === 0) return;
  if (changed.length * words.size > FOLLOWED) words.clear();
  for (const [match, { bits }] of words) words.set(match, followed(db, match, bits, changed));
  run(db, "DELETE FROM temp.words_changed");
}

function followed(db: Database, match: string, bits: Uint32Array, changed: readonly number[]): Common {
  const sql = "SELECT rowid FROM words WHERE words MATCH ? AND rowid IN (SELECT value FROM json_each(?))";
  const held = db.selectValues(sql, [match, JSON.stringify(changed)]).map(Number);
  const size = Math.max(bits.length, (Math.max(...changed) >>> 5) + 1);
  const made = new Uint32Array(size > bits.length ? size * 1.25 : size); // new cutouts come one by one
  made.set(bits);
  for (const id of changed) made[id >>> 5] = (made[id >>> 5] as number) & ~(1 << (id & 31));
  for (const id of held) made[id >>> 5] = (made[id >>> 5] as number) | (1 << (id & 31));
  return { count: countOf(made), ids: null, bits: made };
}

/** Return which allowed rows have all matches, and at most `most` of them by id; without a match none. */
export function sharedBy(rows: readonly Rows[], allowed: Allowed, most: number): Shared {
  const lists = rows.flatMap(({ ids }) => (ids === null ? [] : [ids])).sort((a, b) => a.length - b.length);
  const sets = rows.flatMap(({ bits }) => bits ?? []);
  const [shortest, ...others] = lists;
  if (shortest === undefined) return sets.length === 0 ? NONE : sharedBits(sets, allowed, most);
  const ids = others
    .reduce(sharedIds, shortest)
    .filter((id) => isAllowed(allowed, id) && sets.every((bits) => ((bits[id >>> 5] ?? 0) >>> (id & 31)) & 1));
  return { total: ids.length, newest: ids.slice(-most).reverse() };
}

const NONE: Shared = { total: 0, newest: [] };

function sharedIds(a: readonly number[], b: readonly number[]): readonly number[] {
  const both: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [one, other] = [a[i] as number, b[j] as number];
    if (one === other) both.push(one);
    if (one <= other) i++;
    if (other <= one) j++;
  }
  return both;
}

function sharedBits(sets: readonly Uint32Array[], allowed: Allowed, most: number): Shared {
  const newest: number[] = [];
  let total = 0;
  const filtered = allowed.isListed ? Number.POSITIVE_INFINITY : allowed.bits.length; // ids from here on are all allowed
  for (let place = Math.min(...sets.map(({ length }) => length)) - 1; place >= 0; place--) {
    let word = sets.reduce((both, bits) => both & (bits[place] as number), -1);
    if (total >= most && place * 32 >= filtered) {
      total += onesIn(word);
      continue;
    }
    while (word !== 0) {
      const bit = 31 - Math.clz32(word); // the highest first: the newest
      word &= ~(1 << bit);
      const id = place * 32 + bit;
      if (!isAllowed(allowed, id)) continue;
      if (total++ < most) newest.push(id);
    }
  }
  return { total, newest };
}

function bitsOf(ids: readonly number[]): Uint32Array {
  const bits = new Uint32Array(((ids.at(-1) ?? 0) >>> 5) + 1);
  for (const id of ids) bits[id >>> 5] = (bits[id >>> 5] as number) | (1 << (id & 31));
  return bits;
}

function countOf(bits: Uint32Array): number {
  let count = 0;
  for (let place = 0; place < bits.length; place++) count += onesIn(bits[place] as number);
  return count;
}

function onesIn(word: number): number {
  let sums = word - ((word >>> 1) & 0x55555555); // bits of each pair, then of each four, then of all
  sums = (sums & 0x33333333) + ((sums >>> 2) & 0x33333333);
  return (((sums + (sums >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

const NOTES = `
CREATE TEMP TABLE IF NOT EXISTS words_changed (id INTEGER NOT NULL);
CREATE TEMP TRIGGER IF NOT EXISTS words_came AFTER INSERT ON main.cutout BEGIN
  INSERT INTO words_changed VALUES (new.id);
END;
CREATE TEMP TRIGGER IF NOT EXISTS words_went AFTER DELETE ON main.cutout BEGIN
  INSERT INTO words_changed VALUES (old.id);
END;
CREATE TEMP TRIGGER IF NOT EXISTS words_turned AFTER UPDATE OF title, body, note, tags, address ON main.cutout BEGIN
  INSERT INTO words_changed VALUES (new.id);
END;
`;
