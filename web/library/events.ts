/**
 * What a person opened of what a search found goes in, and is kept: a ranking that learns from it needs the query, the
 * place of what was opened, and what was shown above it and passed over. Transactions are the caller's.
 */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { parseQuery } from "./search/index.ts";
import { idOf } from "./shelf.ts";
import { run, value } from "./statements.ts";

export const EVENTS = 10_000; // that are kept: the latest
export const ABOVE = 20; // cutouts that are kept of those above: the nearest
const QUERY_LENGTH = 1000; // characters

/** A hit that was opened. */
export interface Opened {
  /** What was typed, filters included. */
  readonly query: string;
  /** Its place in the list, from 0. */
  readonly place: number;
  readonly key: string;
  /** Keys of those that were shown above it, from the top down, up to the one just above. */
  readonly above: readonly string[];
}

/** Keep that a hit was opened, unless the query has no words: then nothing was ranked. What is gone is left out. */
export function keepOpened(db: Database, { query, place, key, above }: Opened, now: number): void {
  const cutout = idOf(db, key);
  if (cutout === null || parseQuery(query).terms.length === 0) return;
  const event = Number(value(db, "SELECT coalesce(max(id), 0) + 1 FROM event"));
  run(db, "INSERT INTO event (id, at, query, place, cutout) VALUES (?, ?, ?, ?, ?)", [
    ...[event, now, query.slice(0, QUERY_LENGTH), place, cutout],
  ]);
  for (const [index, other] of above.slice(-ABOVE).reverse().entries())
    run(db, "INSERT INTO event_above (event, place, cutout) SELECT ?, ?, id FROM cutout WHERE key = ?", [
      ...[event, place - 1 - index, other],
    ]);
  run(db, "DELETE FROM event WHERE id <= ?", [event - EVENTS]);
}
