/**
 * Cutouts that the model has not read yet come out, tags and vectors go in.
 *
 * What waits stands in the table `job`, which triggers fill, so a tab that closes loses no work: the next goes on.
 */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { spaceId, storeVectors } from "./search/index.ts";
import { run, value } from "./statements.ts";
import { tagId } from "./tags.ts";

/** A model as the library knows it. */
export interface ModelEntry {
  /** The hash of its head: another head gives other tags. */
  readonly sha256: string;
  readonly name: string;
  /** What its vectors can be compared with. */
  readonly space: string;
  readonly dim: number;
}

/** A cutout to read; when it changes meanwhile, its round does too. */
export interface Job {
  readonly cutout: number;
  readonly round: number;
  readonly title: string;
  readonly body: string;
  readonly note: string;
}

/** What a model made of a cutout. */
export interface Reading {
  /** Of length 1, one for each passage. */
  readonly vectors: readonly Float32Array[];
  readonly tags: readonly { readonly name: string; readonly probability: number }[];
}

/** The rows that a model and its space have. */
export interface Registered {
  readonly model: number;
  readonly space: number;
}

/** A model that has read cutouts, perhaps long ago. */
export interface KnownModel {
  readonly sha256: string;
  readonly name: string;
  /** When it was last taken into use. */
  readonly at: number;
  /** How many tags are there that it gave and the person has not judged. */
  readonly tags: number;
}

/** Return the models that have read cutouts, the one last taken into use first. */
export function knownModels(db: Database): KnownModel[] {
  return db.selectObjects(
    `SELECT sha256, name, at, coalesce(count, 0) AS tags FROM model LEFT JOIN
       (SELECT model AS by, count(*) AS count FROM cutout_tag WHERE origin = 'model' GROUP BY model) ON by = model.id
     ORDER BY at DESC, model.id DESC`,
  ) as unknown as KnownModel[];
}

/** Note that this model reads from now on. Unless it was the last that did, every cutout waits for it. */
export function useModel(db: Database, entry: ModelEntry, now: number): Registered {
  const before = value(db, "SELECT sha256 FROM model ORDER BY at DESC, id DESC LIMIT 1");
  run(
    db,
    `INSERT INTO model (sha256, name, space, at) VALUES (?, ?, ?, max(?, (SELECT coalesce(max(at) + 1, ?4) FROM model)))
     ON CONFLICT DO UPDATE SET name = excluded.name, at = excluded.at`,
    [entry.sha256, entry.name, entry.space, now],
  );
  if (before !== entry.sha256)
    db.exec("INSERT INTO job (cutout) SELECT id FROM cutout WHERE true ON CONFLICT DO NOTHING");
  return {
    model: Number(value(db, "SELECT id FROM model WHERE sha256 = ?", [entry.sha256])),
    space: spaceId(db, entry.space, entry.dim),
  };
}

/** Return the newest cutouts that wait, at most `limit`. */
export function nextJobs(db: Database, limit: number): Job[] {
  return db.selectObjects(
    "SELECT cutout, round, title, body, note FROM job JOIN cutout ON id = cutout ORDER BY cutout DESC LIMIT ?",
    [limit],
  ) as unknown as Job[];
}

/** Keep what the model made of a cutout, unless it was changed or deleted since; return whether it was kept. */
export function finishJob(db: Database, by: Registered, job: Job, reading: Reading, now: number): boolean {
  run(db, "DELETE FROM job WHERE cutout = ? AND round = ?", [job.cutout, job.round]);
  if (db.changes() === 0) return false;
  run(db, "DELETE FROM vector WHERE cutout = ?", [job.cutout]); // of whichever space
  storeVectors(db, by.space, job.cutout, reading.vectors);
  run(db, "DELETE FROM cutout_tag WHERE cutout = ? AND origin = 'model'", [job.cutout]);
  for (const { name, probability } of reading.tags) {
    run(
      db,
      `INSERT INTO cutout_tag (cutout, tag, origin, model, probability, at) VALUES (?, ?, 'model', ?, ?, ?)
       ON CONFLICT DO UPDATE SET model = excluded.model, probability = excluded.probability`,
      [job.cutout, tagId(db, name), by.model, probability, now],
    );
  }
  return true;
}
