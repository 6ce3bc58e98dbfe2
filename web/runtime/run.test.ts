/** Batches answer in order, share their time, and end when they are cancelled. */

import { expect, test } from "vitest";
import { StaticEncoder } from "./encoder.ts";
import { readHead } from "./head.ts";
import { manifestOf } from "./manifest.testing.ts";
import { Model } from "./model.ts";
import { run } from "./run.ts";
import { floats, writeSafetensors } from "./safetensors.testing.ts";
import { readSafetensors } from "./safetensors.ts";

const MANIFEST = manifestOf({});
const TABLE = {
  pieces: { dtype: "U16", shape: [2], data: Uint16Array.of(1, 3) },
  rows: { dtype: "I8", shape: [2, 2], data: Int8Array.of(3, 4, 0, -2) },
  scales: floats([2], [1, 0.5]),
};
const HEAD = {
  keys: { dtype: "U32", shape: [0], data: new Uint32Array(0) },
  idf: floats([0], []),
  rows: { dtype: "I8", shape: [0, 3], data: new Int8Array(0) },
  row_scales: floats([0], []),
  vector_weights: floats([3, 2], [1, 0, 0, 1, 0, 0]),
  bias: floats([3], [0, 0, 0]),
  slope: floats([3], [9, 9, 9]),
  offset: floats([3], [0, 0, 0]),
};

/** A model whose "tokenizer" takes each digit for a piece. */
function model(table: typeof TABLE = TABLE): Model {
  const encoder = new StaticEncoder(readSafetensors("table.safetensors", writeSafetensors(table)), 2, 10);
  const head = readHead(MANIFEST, readSafetensors("head.safetensors", writeSafetensors(HEAD)));
  return new Model(MANIFEST, { encode: (text) => Uint32Array.from(text, Number) }, encoder, head);
}

const running = new AbortController().signal;

test("a vector is the scaled sum of its rows, of length 1, repetitions counted", async () => {
  const { answers } = await run(model(), "embed", ["1", "13", "33", "9", ""], running);
  const length = Math.hypot(3, 3);
  expect(answers).toEqual([
    Float32Array.of(0.6, 0.8),
    Float32Array.of(3 / length, 3 / length),
    Float32Array.of(0, -1),
    Float32Array.of(0, 0),
    Float32Array.of(0, 0),
  ]);
});

test("tags come in the order of the texts, each with its probability and time", async () => {
  const { answers } = await run(model(), "tag", ["1", "9"], running);
  expect(answers[0]).toMatchObject({ tags: [{ label: "b" }], milliseconds: expect.any(Number) });
  expect(answers[1]).toMatchObject({ tags: [] });
});

test("an inspection holds everything, and hands over its buffers", async () => {
  const { answers, buffers } = await run(model(), "inspect", ["13"], running);
  expect(Object.keys(answers[0] ?? {}).sort()).toEqual([
    "ids",
    "milliseconds",
    "probabilities",
    "scores",
    "tags",
    "vector",
  ]);
  expect(buffers).toHaveLength(4);
});

test("an empty batch has no answers", async () => {
  expect((await run(model(), "tag", [], running)).answers).toEqual([]);
});

test("a cancelled batch ends before its last text", async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error("enough")), 5);
  await expect(run(model(), "tag", Array<string>(1_000_000).fill("13"), abort.signal)).rejects.toThrow("enough");
});

test("a table that is not sorted is refused", () => {
  const pieces = { dtype: "U16", shape: [2], data: Uint16Array.of(3, 1) };
  expect(() => model({ ...TABLE, pieces })).toThrow(
    "table.safetensors: piece 1 follows 3, expected a sorted list below 10",
  );
});
