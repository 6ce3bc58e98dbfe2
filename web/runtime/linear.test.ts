/** The linear head against an example worked by hand, and its look-up against a plain one. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { LinearHead, search } from "./linear.ts";
import { floats, type TensorSource, writeSafetensors } from "./safetensors.testing.ts";
import { readSafetensors } from "./safetensors.ts";

const SINGLE = 0xffff0000;

function weights(change: Readonly<Record<string, TensorSource>> = {}) {
  const tensors = {
    keys: { dtype: "U32", shape: [3], data: Uint32Array.of(3 * 65536 + 4, SINGLE + 3, SINGLE + 5) },
    idf: floats([3], [2, 1, 3]),
    rows: { dtype: "I8", shape: [3, 2], data: Int8Array.of(10, -10, 20, 0, 0, 30) },
    row_scales: floats([3], [0.5, 0.1, 1]),
    vector_weights: floats([2, 2], [1, 2, 3, 4]),
    bias: floats([2], [0.25, -0.25]),
    slope: floats([2], [1, 1]),
    offset: floats([2], [0, 0]),
    ...change,
  };
  return readSafetensors("head.safetensors", writeSafetensors(tensors));
}

test("scores are words plus meaning plus bias", () => {
  const head = new LinearHead(weights(), 2, 2);
  // 3 4 3: the pair 3-4 once (1 * 2), the piece 3 twice ((1 + ln 2) * 1); 4 and the pair 4-3 are unknown.
  const [pair, single] = [2, 1 + Math.log(2)];
  const length = Math.hypot(pair, single);
  const expected = [
    0.25 + (pair / length) * 0.5 * 10 + (single / length) * 0.1 * 20 + 1 * 0.5 + 2 * -1,
    -0.25 + (pair / length) * 0.5 * -10 + 3 * 0.5 + 4 * -1,
  ];
  const found = [...head.scores(Uint32Array.of(3, 4, 3), Float64Array.of(0.5, -1))];
  for (const [i, score] of expected.entries()) expect(found[i]).toBeCloseTo(score, 6); // 0.1 is a float32 in the file
});

test("a text without known words has the bias and the vector alone", () => {
  expect([...new LinearHead(weights(), 2, 2).scores(Uint32Array.of(9), new Float64Array(2))]).toEqual([0.25, -0.25]);
  expect([...new LinearHead(weights(), 2, 2).scores(new Uint32Array(0), new Float64Array(2))]).toEqual([0.25, -0.25]);
});

test("keys out of order are refused", () => {
  const keys = { dtype: "U32", shape: [3], data: Uint32Array.of(5, 4, 6) };
  expect(() => new LinearHead(weights({ keys }), 2, 2)).toThrow("head.safetensors: keys are not sorted at 1");
});

test("a piece that no key can hold is no word feature, nor is a pair with it", () => {
  // Both would look like others: 2, 65540 like 3, 4, and 65535, 3 like 3 alone.
  const head = new LinearHead(weights(), 2, 2);
  const known = [...head.scores(Uint32Array.of(3), new Float64Array(2))];
  expect(known[0]).toBeGreaterThan(0.25);
  expect([...head.scores(Uint32Array.of(2, 65_540), new Float64Array(2))]).toEqual([0.25, -0.25]);
  for (const large of [65_535, 65_536, 500_000]) {
    expect([...head.scores(Uint32Array.of(large, 3, large), new Float64Array(2))]).toEqual(known);
  }
});

test("the search finds exactly what is there", () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 50 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 0, max: 0xffffffff }), (list, other) => {
      const keys = Uint32Array.from(list).sort();
      for (const key of [...list, other]) expect(search(keys, key)).toBe(keys.indexOf(key));
    }),
  );
});
