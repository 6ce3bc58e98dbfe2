/** From scores to probabilities to tags. */

import { expect, test } from "vitest";
import { decide, type Head, probabilities } from "./head.ts";

const labels = [0.5, 0.2, 0.2].map((threshold, i) => ({ name: "abc"[i] ?? "", threshold }));
const head: Head = {
  slope: Float32Array.of(2, 1, 1),
  offset: Float32Array.of(0, 0.5, 0),
  scores: () => new Float64Array(),
};

test("a softmax is taken of calibrated scores, and is safe for large ones", () => {
  const powers = [Math.exp(2), Math.exp(1.5), 1];
  const sum = powers.reduce((a, b) => a + b);
  const found = probabilities(head, Float64Array.of(1, 1, 0), "softmax");
  for (const [i, power] of powers.entries()) expect(found[i]).toBeCloseTo(power / sum, 12);
  expect([...probabilities(head, Float64Array.of(2000, 0, -3000), "softmax")]).toEqual([1, 0, 0]);
});

test("a sigmoid is taken of each calibrated score alone", () => {
  expect([...probabilities(head, Float64Array.of(0, -0.5, -1000), "sigmoid")]).toEqual([0.5, 0.5, 0]);
});

test("one label: the most probable, if its threshold is reached, the first among equals", () => {
  const one = (...numbers: number[]) => decide({ labels, multiple: false }, Float64Array.from(numbers));
  expect(one(0.5, 0.3, 0.2)).toEqual([0]);
  expect(one(0.49, 0.31, 0.2)).toEqual([]); // the second reaches its threshold, but is not the most probable
  expect(one(0.1, 0.45, 0.45)).toEqual([1]);
});

test("several labels: all that reach their thresholds, most probable first, then in order", () => {
  const several = (...numbers: number[]) => decide({ labels, multiple: true }, Float64Array.from(numbers));
  expect(several(0.5, 0.2, 0.9)).toEqual([2, 0, 1]);
  expect(several(0.4, 0.3, 0.3)).toEqual([1, 2]);
  expect(several(0.1, 0.1, 0.1)).toEqual([]);
});
