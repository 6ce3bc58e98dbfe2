/** Terms in scripts without spaces go in; cutouts that hold these letters anywhere come out. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { UNSPACED } from "../schema.ts";
import { type Allowed, condition } from "./filters.ts";
import { quoted } from "./match.ts";
import type { Term } from "./query.ts";
import { followedBy, type Ranked, selectRanked } from "./ranked.ts";
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
  if (all.ids.length >= FEW || parts.length < 2) return whole(all, terms);
  const any = match(db, parts.map(quoted).join(" OR "), [], allowed);
  const found = followedBy(all, any);
  const asParts = parts.map((text) => ({ text, isPhrase: true, isPrefix: false }));
  return whole(found, [...terms, ...asParts]);
}

function whole(ranked: Ranked, terms: readonly Term[]): WordsFound {
  return { ...ranked, total: ranked.ids.length, terms, replaced: [] };
}

function partsOf(text: string): string[] {
  const letters = [...text];
  return letters.slice(RUN - 1).map((_, start) => letters.slice(start, start + RUN).join(""));
}

function match(db: Database, match: string, short: readonly string[], allowed: Allowed): Ranked {
  const weights = COLUMNS.map((column) => WEIGHTS[column]).join(", ");
  const holds = short.map(() => `AND instr(${LOWER}, ?) > 0`).join(" ");
  return selectRanked(
    db,
    `SELECT rowid AS id, -bm25(runs, ${weights}) AS score FROM runs WHERE runs MATCH ? AND ${condition(allowed)} ${holds}
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
  return selectRanked(
    db,
    `SELECT id, ${score.join(" + ")} AS score FROM cutout
     WHERE id IN (SELECT id FROM runs_docsize) AND ${condition(allowed)} AND ${holds}
     ORDER BY id DESC LIMIT ${MOST}`,
    [...texts.flatMap((text) => COLUMNS.map(() => text)), ...texts],
  );
}
const LOWER = `lower(${COLUMNS.join(" || ' ' || ")})`;
