/** Activations against published values. */

import { expect, test } from "vitest";
import { ACTIVATIONS, erf, softmaxRow } from "./activations.ts";

test.each([
  [0, 0],
  [0.5, 0.5204998778130465],
  [1, 0.8427007929497149],
  [2, 0.9953222650189527],
  [2.999, 0.9999777737], // near the seam of series and fraction
  [3.001, 0.9999780449],
  [5, 0.9999999999984626],
  [7, 1],
  [-1, -0.8427007929497149],
])("erf(%d) is %d", (x, expected) => {
  expect(erf(x)).toBeCloseTo(expected, 7);
  if (Math.abs(x) <= 2 || x === 5) expect(erf(x)).toBeCloseTo(expected, 13);
});

test.each([
  ["relu6", 9, 6],
  ["leaky_relu", -2, -0.4],
  ["elu", -1, -0.6321205588285577],
  ["selu", -1, -1.1113307378125625],
  ["gelu", 1, 0.8413447460685429],
  ["silu", 1, 0.7310585786300049],
  ["hard_sigmoid", 1, 2 / 3],
  ["softplus", 800, 800],
  ["softplus", 0, Math.LN2],
  ["softsign", -3, -0.75],
  ["exponential", 1, Math.E],
])("%s(%d) is %d", (name, x, expected) => {
  expect(ACTIVATIONS[name]?.(x)).toBeCloseTo(expected, 12);
});

test("a softmax changes only its own row", () => {
  const values = Float64Array.of(5, 1000, 1000, 5);
  softmaxRow(values, 1, 3);
  expect([...values]).toEqual([5, 0.5, 0.5, 5]);
});
