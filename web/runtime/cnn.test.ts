/** The network's layers against examples worked by hand, as Keras defines them. */

import { expect, test } from "vitest";
import { CnnHead } from "./cnn.ts";
import type { Layer } from "./manifest.ts";
import { floats, type TensorSource, writeSafetensors } from "./safetensors.testing.ts";
import { readSafetensors } from "./safetensors.ts";

type Weights = Readonly<Record<string, TensorSource>>;

function head(layers: readonly Layer[], dim: number, labels: number, weights: Weights = {}): CnnHead {
  const link = { slope: floats([labels], Array(labels).fill(1)), offset: floats([labels], Array(labels).fill(0)) };
  return new CnnHead(
    readSafetensors("head.safetensors", writeSafetensors({ ...weights, ...link })),
    layers,
    dim,
    labels,
  );
}

function run(layers: readonly Layer[], input: readonly number[], labels: number, weights: Weights = {}): number[] {
  return [...head(layers, input.length, labels, weights).scores(new Uint32Array(0), Float64Array.from(input))];
}

const FLAT: Layer = { type: "flatten" };
const COLUMN = (steps: number): Layer => ({ type: "reshape", shape: [steps, 1] });

test("dense multiplies (in, out) and activates", () => {
  const weights = { "0.kernel": floats([2, 3], [1, 2, 3, 4, 5, 6]), "0.bias": floats([3], [0, -100, 1]) };
  expect(run([{ type: "dense", activation: "relu" }], [1, 2], 3, weights)).toEqual([9, 0, 16]);
});

test("dense on steps applies to the last axis", () => {
  const weights = { "1.kernel": floats([2, 1], [1, 10]), "1.bias": floats([1], [0.5]) };
  expect(run([{ type: "reshape", shape: [2, 2] }, { type: "dense" }, FLAT], [1, 2, 3, 4], 2, weights)).toEqual([
    21.5, 43.5,
  ]);
});

const KERNEL = { "1.kernel": floats([3, 1, 1], [1, 10, 100]), "1.bias": floats([1], [0]) };

test.each([
  [{ padding: "valid" }, [321, 432, 543]],
  [{ padding: "same" }, [210, 321, 432, 543, 54]],
  [{ padding: "same", strides: 2 }, [210, 432, 54]],
  [{ padding: "valid", dilation: 2 }, [531]],
  [{ padding: "same", dilation: 2 }, [310, 420, 531, 42, 53]],
] as const)("conv1d with %o slides as Keras does", (options, expected) => {
  expect(run([COLUMN(5), { type: "conv1d", ...options }, FLAT], [1, 2, 3, 4, 5], expected.length, KERNEL)).toEqual(
    expected,
  );
});

test("conv1d with same padding and an even kernel pads on the right first", () => {
  const weights = { "1.kernel": floats([2, 1, 1], [1, 10]), "1.bias": floats([1], [0]) };
  expect(run([COLUMN(3), { type: "conv1d", padding: "same" }, FLAT], [1, 2, 3], 3, weights)).toEqual([21, 32, 3]);
});

test("conv1d mixes channels by its kernel (size, in, out)", () => {
  const weights = { "1.kernel": floats([1, 2, 2], [1, 2, 3, 4]), "1.bias": floats([2], [0, 1]) };
  expect(run([{ type: "reshape", shape: [1, 2] }, { type: "conv1d" }, FLAT], [1, 10], 2, weights)).toEqual([31, 43]);
});

test.each([
  ["max_pooling1d", { size: 2 }, [2, 4]],
  ["max_pooling1d", { size: 2, padding: "same" }, [2, 4, -5]],
  ["max_pooling1d", { size: 3, strides: 1, padding: "same" }, [2, 3, 4, 4, 4]],
  ["average_pooling1d", { size: 2, strides: 1 }, [1.5, 2.5, 3.5, -0.5]],
  ["average_pooling1d", { size: 2, padding: "same" }, [1.5, 3.5, -5]], // padding does not count
] as const)("%s with %o", (type, options, expected) => {
  expect(run([COLUMN(5), { type, ...options }, FLAT], [1, 2, 3, 4, -5], expected.length)).toEqual(expected);
});

test("global pooling looks at each channel", () => {
  const rows: Layer = { type: "reshape", shape: [2, 2] };
  expect(run([rows, { type: "global_max_pooling1d" }], [1, -2, 3, -4], 2)).toEqual([3, -2]);
  expect(run([rows, { type: "global_average_pooling1d" }], [1, -2, 3, -4], 2)).toEqual([2, -3]);
});

test("batch normalization scales and shifts by channel", () => {
  const weights = { "1.scale": floats([2], [2, 4]), "1.shift": floats([2], [1, 0]) };
  const layers: Layer[] = [{ type: "reshape", shape: [2, 2] }, { type: "batch_normalization" }, FLAT];
  expect(run(layers, [1, 2, 3, 4], 4, weights)).toEqual([3, 8, 7, 16]);
});

test("a softmax inside the network runs over the last axis", () => {
  const layers: Layer[] = [{ type: "reshape", shape: [2, 2] }, { type: "activation", activation: "softmax" }, FLAT];
  expect(run(layers, [0, 0, 7, 7], 4)).toEqual([0.5, 0.5, 0.5, 0.5]);
});

test("a final softmax is left to the link", () => {
  expect(run([{ type: "activation", activation: "softmax" }], [1, 2], 2)).toEqual([1, 2]);
});

test.each([
  [[{ type: "conv1d" }], "layer 0 (conv1d) gets shape [4], expected (steps, channels)"],
  [[{ type: "reshape", shape: [3, 2] }], "layer 0 (reshape) gets shape [4], expected 4 numbers, not [3, 2]"],
  [
    [COLUMN(4), { type: "max_pooling1d", size: 5 }],
    "layer 1 (max_pooling1d) gets shape [4, 1], expected at least 5 steps",
  ],
  [[COLUMN(4)], "layer 0 (reshape) gives shape [4, 1], expected [2], one score per label"],
  [[{ type: "lstm" }], "layer 0 is lstm, which this page cannot run"],
  [[{ type: "dense" }], "head.safetensors has no tensor 0.kernel, expected F32 [4, any]"],
] as const)("%o is refused by index and type", (layers, message) => {
  expect(() => head(layers, 4, 2)).toThrow(message);
});
