/** The safetensors reader: what it returns, what it refuses, and that no bytes make it crash. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { BundleError } from "./errors.ts";
import { floats, writeSafetensors } from "./safetensors.testing.ts";
import { readSafetensors } from "./safetensors.ts";

const SOUND = { a: { dtype: "I8", shape: [3], data: Int8Array.of(1, -2, 3) }, b: floats([2, 1], [0.5, -4]) };

test("tensors come back as they were written, aligned or not", () => {
  const tensors = readSafetensors("x", writeSafetensors(SOUND));
  expect([...tensors.get("a", "I8", [3])]).toEqual([1, -2, 3]);
  expect([...tensors.get("b", "F32", [null, 1])]).toEqual([0.5, -4]);
});

test("an aligned tensor is a view, not a copy", () => {
  const file = writeSafetensors({ a: { dtype: "I8", shape: [2], data: Int8Array.of(1, 2) } });
  expect(readSafetensors("x", file).get("a", "I8", [2]).buffer).toBe(file.buffer);
});

test("a missing tensor is named with what was expected", () => {
  const tensors = readSafetensors("head.safetensors", writeSafetensors(SOUND));
  expect(() => tensors.get("keys", "U32", [null])).toThrow(
    "head.safetensors has no tensor keys, expected U32 [any]: build the bundle again",
  );
});

test("a tensor of another shape is named with both shapes", () => {
  const tensors = readSafetensors("x", writeSafetensors(SOUND));
  expect(() => tensors.get("b", "F32", [2, 2])).toThrow("x: tensor b is F32 [2, 1], expected F32 [2, 2]");
  expect(() => tensors.get("a", "F32", [3])).toThrow("x: tensor a is I8 [3], expected F32 [3]");
});

test.each([
  ["an offset beyond the file", (h: Header) => set(h, "b", { data_offsets: [3, 110] }), /lies at 3 to 110 of 11 bytes/],
  [
    "a hole between tensors",
    (h: Header) => set(h, "a", { shape: [2], data_offsets: [0, 2] }),
    /begins at byte 3, expected 2/,
  ],
  [
    "tensors that overlap",
    (h: Header) => set(h, "b", { data_offsets: [0, 8] }),
    /begins at byte 0, expected 3|expected 8/,
  ],
  ["an unknown type", (h: Header) => set(h, "a", { dtype: "F64" }), /has the type F64, expected one of I8/],
  ["an inherited name as type", (h: Header) => set(h, "a", { dtype: "constructor" }), /has the type constructor/],
  ["a negative size", (h: Header) => set(h, "a", { shape: [-3] }), /no valid shape/],
  ["a size that overflows", (h: Header) => set(h, "a", { shape: [2 ** 40, 2 ** 40] }), /expected 1.2\d+e\+24 bytes/],
])("%s is refused", (_, damage, message) => {
  expect(() => readSafetensors("x", writeSafetensors(SOUND, damage))).toThrow(message);
});

test("a header that claims more than the file is refused", () => {
  expect(() => readSafetensors("x", new Uint8Array([255, 0, 0, 0, 0, 0, 0, 0, 123]))).toThrow(
    "x: the header claims 255 bytes, expected at most 1: the file is damaged",
  );
});

test("bytes that are no safetensors file give a BundleError and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(60), fc.nat(255), (noise, at, value) => {
      const damaged = writeSafetensors(SOUND);
      damaged[at] = value;
      for (const bytes of [noise, damaged, damaged.subarray(0, at)]) {
        try {
          readSafetensors("x", bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(BundleError);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>;

function set(header: Header, name: string, change: Partial<Header[string]>): void {
  header[name] = { dtype: "", shape: [], data_offsets: [], ...header[name], ...change };
}
