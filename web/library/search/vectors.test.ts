/** Made-up vectors in; fails where two stages, additions or removals lose one. */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Allowed } from "./filters.ts";
import { packed, rounded, unpacked } from "./stored.ts";
import { Vectors } from "./vectors.ts";

const ALL: Allowed = { bits: new Uint8Array(), isListed: false };
const DIM = 40; // more than one word of a code, and not a whole number of them

const vector = fc
  .array(fc.integer({ min: -9, max: 9 }), { minLength: DIM, maxLength: DIM })
  .map((numbers) => Float32Array.from(numbers));
const passages = fc.array(fc.record({ cutout: fc.integer({ min: 1, max: 12 }), vector }), { maxLength: 40 });
type Passage = { cutout: number; vector: Float32Array };

function filled(all: readonly Passage[]): Vectors {
  const vectors = new Vectors(DIM);
  for (const { cutout, vector } of all) {
    const { row, scale } = rounded(vector);
    vectors.add(cutout, row, scale);
  }
  return vectors;
}

/** Return the score of each cutout by a plain loop over the rounded vectors. */
function exact(all: readonly Passage[], query: Float32Array): Map<number, number> {
  const best = new Map<number, number>();
  for (const { cutout, vector } of all) {
    const { row, scale } = rounded(vector);
    const score = Math.fround(row.reduce((sum, value, k) => sum + value * (query[k] ?? 0), 0) * Math.fround(scale));
    best.set(cutout, Math.max(best.get(cutout) ?? Number.NEGATIVE_INFINITY, score));
  }
  return best;
}

test("with every passage as a candidate, the two stages give what the exact scan gives", () => {
  fc.assert(
    fc.property(passages, vector, fc.uniqueArray(fc.integer({ min: 1, max: 12 })), (all, query, listed) => {
      const bits = new Uint8Array(13);
      for (const id of listed) bits[id] = 1;
      for (const allowed of [ALL, { bits, isListed: true }, { bits, isListed: false }]) {
        const found = filled(all).nearest(query, 12, allowed, 1000);
        const expected = [...exact(all, query)].filter(
          ([id]) => (bits[id] === 1) === allowed.isListed || allowed === ALL,
        );
        expect(new Map(found.ids.map((id, place) => [id, found.scores[place]]))).toEqual(new Map(expected));
        expect(found.scores).toEqual([...found.scores].sort((a, b) => b - a));
      }
    }),
  );
});

test("after any additions and removals, what is left is found as if nothing else had been there", () => {
  fc.assert(
    fc.property(passages, fc.array(fc.integer({ min: 1, max: 12 })), passages, vector, (all, gone, later, query) => {
      const vectors = filled(all);
      for (const cutout of gone) vectors.remove(cutout);
      for (const { cutout, vector } of later) vectors.add(cutout, rounded(vector).row, rounded(vector).scale);
      const left = [...all.filter(({ cutout }) => !gone.includes(cutout)), ...later];
      expect(vectors.passages).toBe(left.length);
      const scores = exact(left, query);
      for (let id = 1; id <= 12; id++) {
        const similarity = vectors.similarity(query, id);
        expect(similarity === null ? undefined : Math.fround(similarity)).toEqual(scores.get(id));
      }
    }),
  );
});

test("a filter that leaves one far cutout still finds it, among few candidates", () => {
  const query = new Float32Array(DIM).fill(1);
  const near = Array.from({ length: 50 }, (_, id) => ({ cutout: id + 1, vector: query }));
  const vectors = filled([...near, { cutout: 60, vector: query.map((value) => -value) }]);
  const bits = new Uint8Array(61);
  bits[60] = 1;
  expect(vectors.nearest(query, 1, { bits, isListed: true }, 1).ids).toEqual([60]);
});

test("numbers of 12 bits come back as they were, an odd count of them too", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -2048, max: 2047 }), { maxLength: 9 }), (numbers) => {
      const bytes = packed(Int16Array.from(numbers));
      expect(bytes.length).toBe(Math.ceil(1.5 * numbers.length));
      expect([...unpacked(bytes, numbers.length)]).toEqual(numbers);
    }),
  );
  expect([...packed(Int16Array.of(1, -1, 0x7ab))]).toEqual([0, 255, 0x7a, 0xf1, 0xb]);
});

test("a vector of another length is refused", () => {
  const vectors = new Vectors(DIM);
  expect(() => vectors.add(1, new Int16Array(3), 1)).toThrow("a row of 3 numbers, expected 40");
  expect(() => vectors.nearest(new Float32Array(3), 1, ALL)).toThrow("a query of 3 numbers, expected 40");
});
