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
  scored.sort(([a, first], [b, second]) => second - first || b - a);
  return { ids: scored.map(([id]) => id), scores: scored.map(([, score]) => score) };
}

/** Return the ranking of the rows `id, score` that SQL gives. */
export function selectRanked(db: Database, sql: string, bind: readonly SqlValue[]): Ranked {
  // As one text: taken row by row, reading takes twice as long as BM25 itself.
  const whole = `SELECT json_group_array(json_array(id, score)) FROM (${sql})`;
  return byScore(JSON.parse(value(db, whole, bind) as string) as [number, number][]);
}

/** Return `first`, then what of `second` is not in it, each below the last. */
export function followedBy(first: Ranked, second: Ranked): Ranked {
  const known = new Set(first.ids);
  const others = second.ids.flatMap((id, place) => (known.has(id) ? [] : [{ id, score: second.scores[place] ?? 0 }]));
  const above = Math.max(0, (others[0]?.score ?? 0) - (first.scores.at(-1) ?? 0) + GAP);
  return {
    ids: [...first.ids, ...others.map(({ id }) => id)],
    scores: [...first.scores.map((score) => score + above), ...others.map(({ score }) => score)],
  };
}
const GAP = 1e-6; // so that what follows is below, not beside
