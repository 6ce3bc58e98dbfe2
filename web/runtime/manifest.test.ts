/** What the manifest's reader accepts, and how it names what it refuses. */

import { expect, test } from "vitest";
import { manifestOf } from "./manifest.testing.ts";
import { fileOf, type Manifest, readManifest } from "./manifest.ts";

const FILES = { a: new Uint8Array(3), b: new Uint8Array(0), "c/d": new Uint8Array(2_000_000) };
const read = (change: object): Manifest => readManifest(JSON.stringify({ ...manifestOf(FILES), ...change }));

test("a sound manifest is read", () => {
  expect(read({}).files.map((file) => file.chunks.length)).toEqual([1, 0, 2]);
});

test("what is not JSON asks for the address", () => {
  expect(() => readManifest("<!doctype html>")).toThrow(
    /manifest.json is not JSON .*: is this the address of a bundle\?/,
  );
});

test("a newer format says to update", () => {
  expect(() => read({ format: 2, surprise: true })).toThrow(
    "manifest.json has format 2, this page reads up to 1: reload the page, or update Cutouts",
  );
});

test.each([
  [{ multiple: "no" }, 'manifest.json/multiple is "no", which must be boolean: build the bundle again'],
  [{ labels: [{ name: "a", threshold: 0.5 }] }, "which must NOT have fewer than 2 items"],
  [{ max_chars: 0 }, "manifest.json/max_chars is 0, which must be >= 1"],
  [{ head: { kind: "cnn", link: "softmax" } }, "manifest.json/head is"],
  [null, "manifest.json"],
])("%o is refused by name", (change, message) => {
  const text = change === null ? "null" : JSON.stringify({ ...manifestOf(FILES), ...change });
  expect(() => readManifest(text)).toThrow(message);
});

test.each(["../x", "/x", "a//b", "a/./b", "a\\b", "https://example.org/x", "a/..", "", "a?b", "a%2e"])(
  "the path %s is refused",
  (path) => {
    const files = manifestOf(FILES).files.map((file) => ({ ...file, path }));
    expect(() => read({ files })).toThrow(/files\/0\/path is/);
  },
);

test("a path given twice is refused", () => {
  const [file] = manifestOf(FILES).files;
  expect(() => read({ files: [file, file, file] })).toThrow("manifest.json lists a twice");
});

test("a number of chunks that does not fit the bytes is refused", () => {
  const files = manifestOf(FILES).files.map((file) => ({ ...file, bytes: 5_000_000 }));
  expect(() => read({ files })).toThrow("manifest.json lists 1 chunks for the 5000000 bytes of a, expected 5");
});

test("a file that is not listed, or not to be loaded, is named", () => {
  const files = manifestOf(FILES).files.map((file) => ({ ...file, load: file.path !== "b" }));
  expect(() => fileOf(read({ files }), "b")).toThrow("manifest.json lists no file b to load");
});
