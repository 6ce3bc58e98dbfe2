/** Every bundle in tests/golden answers here as in Python, and one that does not is refused. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compare, type Golden, readGolden, selfTest } from "./golden.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { type Answer, buildModel, type Files, type Model, readJson } from "./model.ts";

const GOLDEN = fileURLToPath(new URL("../../tests/golden/", import.meta.url));
const entries = existsSync(GOLDEN) ? readdirSync(GOLDEN) : [];
const names = entries.filter((name) => existsSync(`${GOLDEN}${name}/manifest.json`));

interface Opened {
  readonly manifest: Manifest;
  readonly files: Files;
  readonly golden: Golden[];
  readonly model: Model;
}

async function open(name: string): Promise<Opened> {
  const manifest = readManifest(readFileSync(`${GOLDEN}${name}/manifest.json`, "utf8"));
  const wanted = manifest.files.filter((file) => file.load);
  const files = new Map(wanted.map(({ path }) => [path, new Uint8Array(readFileSync(`${GOLDEN}${name}/${path}`))]));
  const golden = readGolden(readJson(manifest, files, "golden.json"));
  return { manifest, files, golden, model: await buildModel(manifest, files) };
}

test.skipIf(entries.length === 0)("there are golden bundles", () => {
  expect(names).not.toEqual([]);
});

test.each(names)("%s answers every golden text as Python does", async (name) => {
  const { manifest, golden, model } = await open(name);
  for (const entry of golden) {
    const answer = await model.answer(entry.text);
    expect(compare(answer, entry, manifest.tolerance), JSON.stringify(entry.text.slice(0, 60))).toBeUndefined();
    const worst = entry.vector.reduce(
      (most, number, i) => Math.max(most, Math.abs(number - (answer.vector[i] ?? 9))),
      0,
    );
    expect(worst).toBeLessThan(1e-6);
  }
});

test.each(names)("%s passes its self-test, and not when an answer was changed", async (name) => {
  const { golden, model } = await open(name);
  expect(await selfTest(model, golden)).toBeGreaterThanOrEqual(4);
  const [first] = golden;
  if (first === undefined) throw new Error("no golden texts");
  const changed = { ...first, scores: first.scores.map((score) => score + 0.01) };
  await expect(selfTest(model, [changed])).rejects.toThrow(
    /^self-test: scores differ by 0.0\d+, expected at most .+ for golden text 0; this browser would tag wrongly, so it does not tag/,
  );
});

const ANSWER: Answer = {
  ids: Uint32Array.of(5, 6),
  vector: Float32Array.of(1),
  scores: Float64Array.of(0.5, 1),
  probabilities: Float64Array.of(0.25, 0.75),
  tags: ["b"],
};
const SAME: Golden = {
  text: "x",
  ids: [5, 6],
  vector: [1],
  scores: [0.5, 1],
  probabilities: [0.25, 0.75],
  tags: ["b"],
};

test.each([
  [{}, undefined],
  [{ scores: [0.500009, 1] }, undefined],
  [{ ids: [5, 7] }, "pieces are [5 6…], expected [5 7…]"],
  [{ ids: [5] }, "pieces are [5 6…], expected [5…]"],
  [{ scores: [0.5] }, "scores differ by Infinity, expected at most 0.00001"],
  [{ probabilities: [0.25, 0.5] }, "probabilities differ by 0.25, expected at most 0.00001"],
  [{ tags: [] }, "tags are [b], expected []"],
])("against %o the difference is %s", (change, difference) => {
  expect(compare(ANSWER, { ...SAME, ...change }, 1e-5)).toBe(difference);
});

test("a score that is no number counts as different", () => {
  const broken = { ...ANSWER, scores: Float64Array.of(Number.NaN, 1) };
  expect(compare(broken, SAME, 1e-5)).toMatch(/^scores differ by NaN/);
});

test.each([[null], [{ texts: [] }], [{ texts: [{ text: "x" }] }]])("golden.json with %o is refused", (json) => {
  expect(() => readGolden(json)).toThrow(/^golden.json/);
});
