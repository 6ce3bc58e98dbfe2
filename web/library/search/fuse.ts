/** Cutouts ranked by words and by meaning go in, one ranking comes out. */

import { byScore, type Ranked } from "./ranked.ts";

/** The share of meaning in the sum, the rest being that of words; learned on Cranfield (docs/results.md). */
export const MEANING = 0.7;
const RANK_OFFSET = 60; // of reciprocal rank fusion, as published

/**
 * Return the union of both, by a convex combination of the two scores.
 *
 * Each is brought to at most 1 per query, with its lowest possible value as 0 (for BM25 0, for a cosine -1): the
 * combination "TM2C2" of Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 2023.
 * What was found by words alone gets its cosine by `similarity`, so no cutout is punished for a list's end.
 */
export function fuse(
  words: Ranked,
  meaning: Ranked,
  similarity: (id: number) => number | null,
  weight = MEANING,
): Ranked {
  const cosines = new Map(meaning.ids.map((id, place) => [id, meaning.scores[place] ?? -1]));
  for (const id of words.ids) if (!cosines.has(id)) cosines.set(id, similarity(id) ?? -1);
  const bm25 = new Map(words.ids.map((id, place) => [id, words.scores[place] ?? 0]));
  const highest = Math.max(Number.MIN_VALUE, ...words.scores);
  const nearest = Math.max(Number.MIN_VALUE, ...[...cosines.values()].map((cosine) => cosine + 1));
  const scored = [...cosines].map(([id, cosine]): [number, number] => [
    id,
    (weight * (cosine + 1)) / nearest + ((1 - weight) * (bm25.get(id) ?? 0)) / highest,
  ]);
  return byScore(scored);
}

/** Return one ranking with its scores brought to at most 1 as well, for where there is nothing to fuse it with. */
export function scaled({ ids, scores }: Ranked): Ranked {
  const highest = Math.max(Number.MIN_VALUE, ...scores);
  return { ids, scores: scores.map((score) => score / highest) };
}

/** Return the union by reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): the baseline of the bench. */
export function reciprocalRanks(rankings: readonly Ranked[]): Ranked {
  const scores = new Map<number, number>();
  for (const { ids } of rankings)
    ids.forEach((id, place) => void scores.set(id, (scores.get(id) ?? 0) + 1 / (RANK_OFFSET + place + 1)));
  return byScore([...scores]);
}
