/** What waits for a model, and what the model's answer leaves as the person had it. */

import { expect, test } from "vitest";
import { finishJob, knownModels, type ModelEntry, nextJobs, type Reading, useModel } from "./jobs.ts";
import { aCutout, emptyLibrary } from "./library.testing.ts";
import { editCutout, getCutout, insertCutout, tagCutout, untagCutout } from "./shelf.ts";

const MODEL: ModelEntry = { sha256: "a", name: "one", space: "s", dim: 2 };

function reading(...tags: string[]): Reading {
  return { vectors: [Float32Array.of(0.6, -0.8)], tags: tags.map((name) => ({ name, probability: 0.9 })) };
}

test("what is saved waits, is read once, and has tags and vectors then", async () => {
  const { db } = await emptyLibrary();
  const by = useModel(db, MODEL, 1);
  insertCutout(db, aCutout({ key: "one", title: "Bread" }));
  const [job] = nextJobs(db, 10);
  expect(job && finishJob(db, by, job, reading("food"), 2)).toBe(true);
  expect(nextJobs(db, 10)).toEqual([]);
  expect(getCutout(db, "one")?.tags).toEqual([{ name: "food", origin: "model", probability: 0.9 }]);
  expect(db.selectValue("SELECT count(*) FROM vector")).toBe(1);
});

test("what changed while it was read is read again", async () => {
  const { db } = await emptyLibrary();
  const by = useModel(db, MODEL, 1);
  insertCutout(db, aCutout({ key: "one" }));
  const [job] = nextJobs(db, 10);
  editCutout(db, "one", { title: "other" }, 2);
  expect(job && finishJob(db, by, job, reading("food"), 2)).toBe(false);
  expect(nextJobs(db, 10).map(({ title }) => title)).toEqual(["other"]);
});

test("what the person gave or removed stands, whatever the model says", async () => {
  const { db } = await emptyLibrary();
  const by = useModel(db, MODEL, 1);
  db.transaction(() => insertCutout(db, aCutout({ key: "one", tags: ["food", "art"] })));
  untagCutout(db, "one", "art", 2);
  const [job] = nextJobs(db, 10);
  if (job) finishJob(db, by, job, reading("Food", "ART", "new"), 3);
  const tags = getCutout(db, "one")?.tags.map(({ name, origin }) => [name, origin]);
  expect(tags).toEqual([
    ["food", "person"],
    ["new", "model"],
    ["art", "removed"],
  ]);
});

test("a tag that the model gives no more is gone, and one that the person kept stays", async () => {
  const { db } = await emptyLibrary();
  const by = useModel(db, MODEL, 1);
  insertCutout(db, aCutout({ key: "one" }));
  const [first] = nextJobs(db, 1);
  if (first) finishJob(db, by, first, reading("old", "kept"), 2);
  tagCutout(db, "one", "kept", 3);
  editCutout(db, "one", { body: "other" }, 4);
  const [second] = nextJobs(db, 1);
  if (second) finishJob(db, by, second, reading("new"), 5);
  const tags = getCutout(db, "one")?.tags.map(({ name, origin }) => `${name} ${origin}`);
  expect(tags).toEqual(["kept person", "new model"]);
});

test("another model reads everything again, the same one nothing", async () => {
  const { db } = await emptyLibrary();
  const by = useModel(db, MODEL, 1);
  insertCutout(db, aCutout());
  const [job] = nextJobs(db, 1);
  if (job) finishJob(db, by, job, reading(), 2);
  useModel(db, MODEL, 3);
  expect(nextJobs(db, 1)).toEqual([]);
  useModel(db, { ...MODEL, sha256: "b" }, 4);
  expect(nextJobs(db, 1)).toHaveLength(1);
  useModel(db, MODEL, 2); // the clock was set back
  expect(db.selectValue("SELECT sha256 FROM model ORDER BY at DESC LIMIT 1")).toBe("a");
});

test("a model that is new after the clock was set back has its work once", async () => {
  const { db } = await emptyLibrary();
  useModel(db, MODEL, 1000);
  insertCutout(db, aCutout());
  const by = useModel(db, { ...MODEL, sha256: "b" }, 1);
  const [job] = nextJobs(db, 1);
  if (job) finishJob(db, by, job, reading(), 2);
  useModel(db, { ...MODEL, sha256: "b" }, 3);
  expect(nextJobs(db, 1)).toEqual([]);
});

test("models are listed with the tags that are left of theirs, the last one used first", async () => {
  const { db } = await emptyLibrary();
  insertCutout(db, aCutout({ key: "one" }));
  insertCutout(db, aCutout({ key: "two" }));
  const first = useModel(db, MODEL, 1);
  for (const job of nextJobs(db, 10)) finishJob(db, first, job, reading("food", "art"), 2);
  tagCutout(db, "one", "food", 3);
  untagCutout(db, "one", "art", 3);
  const second = useModel(db, { ...MODEL, sha256: "b", name: "two" }, 4);
  expect(knownModels(db)).toEqual([
    { sha256: "b", name: "two", at: 4, tags: 0 },
    { sha256: "a", name: "one", at: 1, tags: 2 },
  ]);
  for (const job of nextJobs(db, 10)) finishJob(db, second, job, reading("food"), 5);
  expect(knownModels(db).map(({ name, tags }) => [name, tags])).toEqual([
    ["two", 1],
    ["one", 0],
  ]);
});
