/** Ids and scores go in, from SQL or from JavaScript; a ranking comes out. */

import type { Database, SqlValue } from "@sqlite.org/sqlite-wasm";
import { value } from "../statements.ts";

/** Cutouts by falling score. */
export interface Ranked {
  readonly ids: readonly number[];
  readonly scores: readonly number[];
}

/** Return pairs of id and score as a ranking; among equals the newer comes first. */
export function byScore(scored: [number, number][]): Ranked {
  scored.sort((a, b) => b[1] - a[1] || b[0] - a[0]);
  return { ids: scored.map(([id]) => id), scores: scored.map(([, score]) => score) };
}

/** Return the ranking of the rows `id, score` that SQL gives. */
export function selectRanked(db: Database, sql: string, bind: readonly SqlValue[]): Ranked {
  // As one text: taken row by row, reading takes twice as long as BM25 itself. As whole numbers: SQLite
  // writes a fraction out slowly.
  const whole = `SELECT json_array(json_group_array(id), json_group_array(CAST(score * ${UNIT} AS INTEGER))) FROM (${sql})`;
  const [ids, scores] = JSON.parse(value(db, whole, bind) as string) as [number[], number[]];
  return byScore(ids.map((id, place) => [id, (scores[place] as number) / UNIT]));
}
const UNIT = 1e12; // parts of a score: BM25 gives a word that is nearly everywhere a millionth of what it gives others

/** Return `first`, then what of `second` is not in it, each below the last. */
export function followedBy(first: Ranked, second: Ranked): Ranked {
  const known = new Set(first.ids);
  const places = [...second.ids.keys()].filter((place) => !known.has(second.ids[place] as number));
  const others = places.map((place) => second.scores[place] as number);
  const above = Math.max(0, (others[0] ?? 0) - (first.scores.at(-1) ?? 0) + GAP);
  return {
    ids: [...first.ids, ...places.map((place) => second.ids[place] as number)],
    scores: [...first.scores.map((score) => score + above), ...others],
  };
}
const GAP = 1e-6; // so that what follows is below, not beside
