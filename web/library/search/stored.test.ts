/** Vectors in tables in; fails where those in memory are others, or where nothing else is done while they are read. */

import { expect, test } from "vitest";
import { aCutout, emptyLibrary } from "../library.testing.ts";
import { pause } from "../pause.ts";
import { insertCutout } from "../shelf.ts";
import { search } from "./search.ts";
import { catchUp, loadVectors, loadVectorsBetween, SLICED, spaceId, storeVectors } from "./stored.ts";

const SPACE = "between";

/** Return a library with two passages for each of so many cutouts. */
async function libraryWithVectors(count: number) {
  const { db } = await emptyLibrary();
  const space = spaceId(db, SPACE, 2);
  db.transaction(() => {
    for (let id = 1; id <= count; id++) {
      insertCutout(db, aCutout({ key: `${id}`, title: `No. ${id}` }));
      storeVectors(db, space, id, [Float32Array.of(id, 1), Float32Array.of(1, id)]);
    }
  });
  return { db, space };
}

test("a question is answered by words while vectors are read, and what changes meanwhile is in them", async () => {
  const { db, space } = await libraryWithVectors(SLICED * 2);
  const slices: number[] = [];
  const loading = loadVectorsBetween(db, SPACE, async (passages) => {
    slices.push(passages);
    await pause();
    return true;
  });
  let isLoaded = false;
  void loading.then(() => {
    isLoaded = true;
  });
  await pause();
  const found = search(db, null, { text: "No. 7 ", vector: Float32Array.of(1, 0), limit: 5, offset: 0 });
  expect([found.hits[0]?.matched, isLoaded]).toEqual(["exact", false]);
  storeVectors(db, space, 1, [Float32Array.of(-5, 0)]); // read already
  storeVectors(db, space, SLICED * 2, [Float32Array.of(0, -5)]); // and not yet
  db.exec("DELETE FROM cutout WHERE id = 2");
  const index = await loading;
  expect([slices[0], slices.length]).toEqual([SLICED, 5]); // the fifth finds that there are no more
  if (index === null) throw new Error("there is such a space");
  catchUp(db, index);
  const whole = loadVectors(db, SPACE);
  expect(index.vectors.passages).toBe(whole?.vectors.passages);
  const query = Float32Array.of(-1, -1);
  for (const id of [1, 2, 3, SLICED * 2])
    expect([id, index.vectors.similarity(query, id)]).toEqual([id, whole?.vectors.similarity(query, id) ?? null]);
  expect(index.vectors.similarity(query, 1)).toBeCloseTo(5);
});

test("vectors that are no longer wanted are read no further", async () => {
  const { db } = await libraryWithVectors(SLICED);
  const slices: number[] = [];
  const stopped = await loadVectorsBetween(db, SPACE, async (passages) => slices.push(passages) < 1);
  expect([stopped, slices]).toEqual([null, [SLICED]]);
  expect(await loadVectorsBetween(db, "absent", async () => true)).toBeNull();
});
