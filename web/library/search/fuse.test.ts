/** Two short rankings in; fails where they are joined otherwise than said. */

import { expect, test } from "vitest";
import { fuse, reciprocalRanks, scaled } from "./fuse.ts";

const WORDS = { ids: [1, 2], scores: [8, 2] };
const MEANING = { ids: [2, 3], scores: [0.5, 0.2] };
const similarity = (id: number) => (id === 1 ? -1 : null);

test("a weight of 0 orders by words, one of 1 by meaning", () => {
  expect(fuse(WORDS, MEANING, similarity, 0).ids).toEqual([1, 2, 3]);
  expect(fuse(WORDS, MEANING, similarity, 1).ids).toEqual([2, 3, 1]);
});

test("between them, both scores count by their share of the highest", () => {
  const { ids, scores } = fuse(WORDS, MEANING, similarity, 0.5);
  expect(ids).toEqual([2, 1, 3]);
  expect(scores.map((score) => score.toFixed(3))).toEqual(["0.625", "0.500", "0.400"]);
});

test("a ranking alone keeps its order, and its best is 1", () => {
  expect(scaled(WORDS)).toEqual({ ids: [1, 2], scores: [1, 0.25] });
  expect(scaled({ ids: [], scores: [] })).toEqual({ ids: [], scores: [] });
});

test("reciprocal ranks add up, and among equals the newer is first", () => {
  expect(
    reciprocalRanks([
      { ids: [1, 2], scores: [] },
      { ids: [2, 3], scores: [] },
    ]).ids,
  ).toEqual([2, 1, 3]);
  expect(
    reciprocalRanks([
      { ids: [1], scores: [] },
      { ids: [2], scores: [] },
    ]).ids,
  ).toEqual([2, 1]);
});
