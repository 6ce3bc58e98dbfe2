/** The runtime, bundled as it ships: what its chunks import. */

import { rolldown } from "rolldown";
import { expect, test } from "vitest";
import { ENTRIES, importersOfEntries, inputOptions, OUTPUT_OPTIONS } from "./runtime.js";

async function chunksOf(entry) {
  const bundle = await rolldown(inputOptions(entry));
  const { output } = await bundle.generate(OUTPUT_OPTIONS);
  await bundle.close();
  return output.filter(({ type }) => type === "chunk");
}

test.each(ENTRIES)("no chunk of %s imports an entry", async (entry) => {
  const chunks = await chunksOf(entry);
  expect(chunks.map(({ fileName }) => fileName)).toContain(`${entry}.js`);
  expect(importersOfEntries(chunks)).toEqual([]);
});

test("the worker imports nothing but the engine, and that only when asked", async () => {
  const [worker] = (await chunksOf("worker")).filter(({ fileName }) => fileName === "worker.js");
  expect([worker.imports, worker.dynamicImports]).toEqual([[], ["engine.js"]]);
});

test.each(["imports", "dynamicImports"])("a chunk whose %s name an entry is found", (kind) => {
  const chunks = [{ fileName: "worker.js" }, { fileName: "onnx.js", [kind]: ["worker.js"] }];
  expect(importersOfEntries(chunks)).toEqual(["onnx.js"]);
});
