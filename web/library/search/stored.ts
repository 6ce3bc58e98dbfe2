/** Vectors of passages go into an open library as numbers of 12 bits and come back into memory, and memory is kept as the tables are. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { run, value } from "../statements.ts";
import { Vectors } from "./vectors.ts";

const MOST = 2047; // of a number of 12 bits

/** Return a vector as whole numbers of 12 bits and the scale that turns them back. */
export function rounded(vector: Float32Array): { row: Int16Array; scale: number } {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = largest === 0 ? 1 : largest / MOST;
  return { row: Int16Array.from(vector, (value) => Math.round(value / scale)), scale };
}

/** Return numbers of 12 bits as bytes: the upper eight bits of each, then the lower four, two numbers to a byte. */
export function packed(row: Int16Array): Uint8Array {
  const bytes = new Uint8Array(row.length + Math.ceil(row.length / 2));
  row.forEach((number, k) => {
    bytes[k] = number >> 4;
    const pair = row.length + (k >>> 1);
    bytes[pair] = (bytes[pair] as number) | ((number & 15) << (4 * (k & 1)));
  });
  return bytes;
}

/** Return the `dim` numbers that were packed. */
export function unpacked(bytes: Uint8Array, dim: number): Int16Array {
  const row = new Int16Array(dim);
  for (let k = 0; k < dim; k++) {
    const low = ((bytes[dim + (k >>> 1)] as number) >>> (4 * (k & 1))) & 15;
    row[k] = (((bytes[k] as number) << 24) >> 20) | low; // the upper bits keep their sign
  }
  return row;
}

/** Return the row of a space, made if there is none. */
export function spaceId(db: Database, name: string, dim: number): number {
  run(db, "INSERT INTO space (name, dim) VALUES (?, ?) ON CONFLICT DO NOTHING", [name, dim]);
  return Number(value(db, "SELECT id FROM space WHERE name = ?", [name]));
}

/** Return the row of a space, or null when there is none. */
export function spaceOf(db: Database, name: string): number | null {
  const id = value(db, "SELECT id FROM space WHERE name = ?", [name]);
  return id === undefined ? null : Number(id);
}

/** Keep the vectors of a cutout's passages, in place of those it had in that space. */
export function storeVectors(db: Database, space: number, cutout: number, vectors: readonly Float32Array[]): void {
  run(db, "DELETE FROM vector WHERE space = ? AND cutout = ?", [space, cutout]);
  vectors.forEach((vector, passage) => {
    const { row, scale } = rounded(vector);
    run(db, "INSERT INTO vector (space, cutout, passage, scale, row) VALUES (?, ?, ?, ?, ?)", [
      space,
      cutout,
      passage,
      scale,
      packed(row),
    ]);
  });
}

/** The vectors of one space, in memory. */
export interface VectorIndex {
  readonly space: number;
  readonly vectors: Vectors;
}

/**
 * Return the vectors of a space, or null where there is no such space. From now on the database notes in a table of its
 * own memory which cutouts' vectors changed, whoever changes them, undo and deletions included; `catchUp` reads these again.
 */
export function loadVectors(db: Database, name: string): VectorIndex | null {
  const index = beginVectors(db, name);
  if (index !== null) for (const _ of slicesOf(db, index));
  return index;
}

/**
 * Return the same, read a slice at a time: after each, `rest` is told how many passages there are so far, and whatever
 * it waits for may use and change the database. Where it gives back false, nothing more is read and null returned.
 */
export async function loadVectorsBetween(
  db: Database,
  name: string,
  rest: (passages: number) => Promise<boolean>,
): Promise<VectorIndex | null> {
  const index = beginVectors(db, name);
  if (index === null) return null;
  for (const passages of slicesOf(db, index)) if (!(await rest(passages))) return null;
  return index; // what changed meanwhile is noted, and in memory perhaps twice until `catchUp`
}

function beginVectors(db: Database, name: string): VectorIndex | null {
  const found = db.selectArray("SELECT id, dim FROM space WHERE name = ?", [name]);
  if (found === undefined) return null;
  const index = { space: Number(found[0]), vectors: new Vectors(Number(found[1])) };
  db.exec(NOTES);
  run(db, "DELETE FROM temp.vector_changed WHERE space = ?", [index.space]);
  return index;
}

/** Read all vectors, each slice by a query of its own: one that stays open would stand in the way of other work. */
function* slicesOf(db: Database, index: VectorIndex): Generator<number, void, undefined> {
  const { space, vectors } = index;
  // To count vectors reads them all. Most cutouts have one or two.
  vectors.reserve(Number(value(db, "SELECT coalesce(max(id), 0) FROM cutout")));
  for (let last: Place | null = [Number.MIN_SAFE_INTEGER, 0]; last !== null; ) {
    last = read(db, index, SLICE, [space, ...last]);
    yield vectors.passages;
  }
}
type Place = readonly [cutout: number, passage: number];
/** Passages of a slice: a few milliseconds each. */
export const SLICED = 500;
const SLICE = `SELECT cutout, passage, scale, row FROM vector WHERE space = ? AND (cutout, passage) > (?, ?)
  ORDER BY cutout, passage LIMIT ${SLICED}`;

/** Bring the vectors to what the tables hold now; return how many cutouts had changed. */
export function catchUp(db: Database, index: VectorIndex): number {
  const changed = db.selectValues("SELECT DISTINCT cutout FROM temp.vector_changed WHERE space = ?", [index.space]);
  for (const cutout of changed.map(Number)) {
    index.vectors.remove(cutout);
    read(db, index, "SELECT cutout, passage, scale, row FROM vector WHERE space = ? AND cutout = ?", [
      index.space,
      cutout,
    ]);
  }
  if (changed.length > 0) run(db, "DELETE FROM temp.vector_changed WHERE space = ?", [index.space]);
  return changed.length;
}

/** Add the vectors that a query gives; return where the last one stands, or null when there is none. */
function read(db: Database, { vectors }: VectorIndex, sql: string, bind: number[]): Place | null {
  const statement = db.prepare(sql);
  let last: Place | null = null;
  try {
    statement.bind(bind);
    while (statement.step()) {
      last = [Number(statement.get(0)), Number(statement.get(1))];
      vectors.add(last[0], unpacked(statement.get(3) as Uint8Array, vectors.dim), Number(statement.get(2)));
    }
  } finally {
    statement.finalize();
  }
  return last;
}

const NOTES = `
CREATE TEMP TABLE IF NOT EXISTS vector_changed (space INTEGER NOT NULL, cutout INTEGER NOT NULL);
CREATE TEMP TRIGGER IF NOT EXISTS vector_came AFTER INSERT ON main.vector BEGIN
  INSERT INTO vector_changed VALUES (new.space, new.cutout);
END;
CREATE TEMP TRIGGER IF NOT EXISTS vector_went AFTER DELETE ON main.vector BEGIN
  INSERT INTO vector_changed VALUES (old.space, old.cutout);
END;
CREATE TEMP TRIGGER IF NOT EXISTS vector_turned AFTER UPDATE ON main.vector BEGIN
  INSERT INTO vector_changed VALUES (old.space, old.cutout);
  INSERT INTO vector_changed VALUES (new.space, new.cutout);
END;
`;
