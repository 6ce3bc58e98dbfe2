/** The rooms, bundled as they ship: what their chunks import. */

import { rolldown } from "rolldown";
import { expect, test } from "vitest";
import { ENTRIES, importersOfEntries, inputOptions, OUTPUT_OPTIONS, ROOMS } from "./rooms.js";

async function chunksOf(room, entry) {
  const bundle = await rolldown(inputOptions(room, entry));
  const { output } = await bundle.generate(OUTPUT_OPTIONS);
  await bundle.close();
  return output.filter(({ type }) => type === "chunk");
}

const entries = Object.keys(ROOMS).flatMap((room) => ENTRIES.map((entry) => [room, entry]));

test.each(entries)("no chunk of %s/%s imports an entry", async (room, entry) => {
  const chunks = await chunksOf(room, entry);
  expect(chunks.map(({ fileName }) => fileName)).toContain(`${entry}.js`);
  expect(importersOfEntries(chunks)).toEqual([]);
});

test("the worker of the runtime imports nothing but the engine, and that only when asked", async () => {
  const [worker] = (await chunksOf("runtime", "worker")).filter(({ fileName }) => fileName === "worker.js");
  expect([worker.imports, worker.dynamicImports]).toEqual([[], ["engine.js"]]);
});

test.each(["imports", "dynamicImports"])("a chunk whose %s name an entry is found", (kind) => {
  const chunks = [{ fileName: "worker.js" }, { fileName: "onnx.js", [kind]: ["worker.js"] }];
  expect(importersOfEntries(chunks)).toEqual(["onnx.js"]);
});
