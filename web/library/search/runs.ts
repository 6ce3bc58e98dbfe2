/** Terms in scripts without spaces go in; cutouts that hold these letters anywhere come out. */

import type { Database, SqlValue } from "@sqlite.org/sqlite-wasm";
import { UNSPACED } from "../schema.ts";
import { type Allowed, condition } from "./filters.ts";
import { quoted } from "./match.ts";
import type { Term } from "./query.ts";
import type { Ranked } from "./vectors.ts";
import { FEW, WEIGHTS, type WordsFound } from "./words.ts";

const RUN = 3; // letters, as the table `runs` has them
const MOST = 2000; // rows that are ranked, the newest
const COLUMNS = ["title", "body", "note", "tags"] as const;
const WITHOUT_SPACES = new RegExp(`[${UNSPACED}]`, "u");

/** Return whether word by word this would not be found. */
export function isUnspaced(terms: readonly Term[]): boolean {
  return terms.some(({ text }) => WITHOUT_SPACES.test(text));
}

/** Return the cutouts that hold all terms; when these are few, those that hold any three letters of them too. */
export function findRuns(db: Database, terms: readonly Term[], allowed: Allowed): WordsFound {
  const texts = terms.map(({ text }) => text.trim().toLowerCase());
  const long = texts.filter((text) => [...text].length >= RUN);
  const short = texts.filter((text) => [...text].length < RUN);
  const all = long.length === 0 ? scan(db, short, allowed) : match(db, long.map(quoted).join(" AND "), short, allowed);
  const parts = [...new Set(long.flatMap(partsOf))];
  if (all.ids.length >= FEW || parts.length < 2) return { ...all, total: all.ids.length, terms, replaced: [] };
  const any = match(db, parts.map(quoted).join(" OR "), [], allowed);
  const known = new Set(all.ids);
  const others = any.ids.map((id, place) => [id, any.scores[place] ?? 0] as const).filter(([id]) => !known.has(id));
  const above = others[0]?.[1] ?? 0;
  const ids = [...all.ids, ...others.map(([id]) => id)];
  const scores = [...all.scores.map((score) => score + above), ...others.map(([, score]) => score)];
  const asParts = parts.map((text) => ({ text, isPhrase: true, isPrefix: false }));
  return { ids, scores, total: ids.length, terms: [...terms, ...asParts], replaced: [] };
}

function partsOf(text: string): string[] {
  const letters = [...text];
  return letters.slice(RUN - 1).map((_, start) => letters.slice(start, start + RUN).join(""));
}

function match(db: Database, match: string, short: readonly string[], allowed: Allowed): Ranked {
  const weights = COLUMNS.map((column) => WEIGHTS[column]).join(", ");
  const holds = short.map(() => `AND instr(${LOWER}, ?) > 0`).join(" ");
  return ranked(
    db,
    `SELECT rowid, -bm25(runs, ${weights}) FROM runs WHERE runs MATCH ? AND ${condition(allowed)} ${holds}
     ORDER BY rowid DESC LIMIT ${MOST}`,
    [match, ...short],
  );
}

/** One or two letters make no run of three, so the rows in `runs` are read; the table of their sizes says which. */
function scan(db: Database, texts: readonly string[], allowed: Allowed): Ranked {
  const score = texts.map(
    () => `CASE ${COLUMNS.map((c) => `WHEN instr(lower(${c}), ?) > 0 THEN ${WEIGHTS[c]}`).join(" ")} END`,
  );
  const holds = texts.map(() => `instr(${LOWER}, ?) > 0`).join(" AND ");
  return ranked(
    db,
    `SELECT rowid, ${score.join(" + ")} FROM cutout
     WHERE rowid IN (SELECT id FROM runs_docsize) AND ${condition(allowed)} AND ${holds}
     ORDER BY rowid DESC LIMIT ${MOST}`,
    [...texts.flatMap((text) => COLUMNS.map(() => text)), ...texts],
  );
}
const LOWER = `lower(${COLUMNS.join(" || ' ' || ")})`;

function ranked(db: Database, sql: string, bind: SqlValue[]): Ranked {
  const rows = db.selectArrays(sql, bind) as unknown as [number, number][];
  rows.sort(([a, first], [b, second]) => second - first || b - a);
  return { ids: rows.map(([id]) => id), scores: rows.map(([, score]) => score) };
}
