/** A cutout goes in, others like it come out: by their vectors, or without these by its rarest words. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { idOf } from "../shelf.ts";
import { allowedBy, condition } from "./filters.ts";
import { type Hit, hitsOf } from "./hits.ts";
import { quoted } from "./match.ts";
import { parseQuery } from "./query.ts";
import { catchUp, type VectorIndex } from "./stored.ts";

const WORDS = 60; // of a cutout's beginning, among which the rarest are looked for
const RAREST = 6;
const COMMON = 1000; // cutouts with a word that says little about one of them

/** The least cosine at which two texts are alike, by encoder, as measured: docs/design.md, "What is alike". */
const LEAST: ReadonlyMap<string, number> = new Map([
  ["static", 0.48],
  ["use-lite", 0.64],
  ["minilm", 0.43],
]);

/** Return the least similarity of two cutouts that are alike; -1, which any two have, for an encoder not measured. */
export function leastAlike(encoder: string): number {
  return LEAST.get(encoder) ?? -1;
}

/**
 * Return at most `limit` cutouts like the one of that key, the likest first, itself and the trash left out; none when it
 * is not there. By vectors, each has at least the similarity `least` with it.
 */
export function moreLike(
  db: Database,
  index: VectorIndex | null,
  { key, limit, least }: { key: string; limit: number; least: number },
): Hit[] {
  const id = idOf(db, key);
  if (id === null) return [];
  const allowed = allowedBy(db, parseQuery("").filters);
  if (index !== null) catchUp(db, index);
  const mean = index?.vectors.meanOf(id) ?? null;
  const near = mean === null ? null : index?.vectors.nearest(mean, limit + 1, allowed);
  const byMeaning = near?.ids.filter((_, place) => (near.scores[place] as number) >= least);
  const ids = byMeaning ?? byRarestWords(db, id, limit + 1, condition(allowed));
  return hitsOf(db, ids.filter((other) => other !== id).slice(0, limit), [], () => "meaning");
}

function byRarestWords(db: Database, id: number, limit: number, where: string): number[] {
  const text = String(db.selectValue("SELECT title || ' ' || body || ' ' || note FROM cutout WHERE id = ?", [id]));
  const words = [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu))].slice(0, WORDS);
  const counted = words
    .map((word) => ({ word, rows: rowsWith(db, word) }))
    .filter(({ rows }) => rows > 1 && rows <= COMMON);
  const rarest = counted.sort((a, b) => a.rows - b.rows).slice(0, RAREST);
  if (rarest.length === 0) return [];
  const match = rarest.map(({ word }) => quoted(word)).join(" OR ");
  return db
    .selectValues(`SELECT rowid FROM words WHERE words MATCH ? AND ${where} ORDER BY rank LIMIT ?`, [match, limit])
    .map(Number);
}

function rowsWith(db: Database, word: string): number {
  const limited = `SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ${COMMON + 1})`;
  return Number(db.selectValue(limited, [quoted(word)]));
}
