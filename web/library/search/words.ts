/** Terms of a query go in; cutouts that hold these words come out, by BM25 with a weight for each column. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { type Allowed, condition } from "./filters.ts";
import { matchOf } from "./match.ts";
import type { Term } from "./query.ts";
import { followedBy, type Ranked, selectRanked } from "./ranked.ts";
import { type Replaced, respelled } from "./spelling.ts";
import { withoutStemmedPrefix } from "./stems.ts";

/** What a word is worth by where it stands: choices. On Cranfield 8 for the title is better by at most 0.003 (nDCG@10). */
export const WEIGHTS = { title: 4, body: 1, note: 2, tags: 2, address: 1 };

/** Fewer cutouts than these with all words, and those with any of them follow. */
export const FEW = 10;
/** Rows that are ranked; each costs about 2 microseconds, and a question as wide as this has no one right answer. */
const MOST = 1000;

/** What was found: the best in order, and how many there are. */
export interface WordsFound extends Ranked {
  readonly total: number;
  /** The terms that were looked for in the end, for what is shown of the texts. */
  readonly terms: readonly Term[];
  readonly replaced: readonly Replaced[];
}

/** Return the cutouts that hold all words; when these are few, words misspelled are replaced, then any word is enough. */
export function findWords(db: Database, typed: readonly Term[], allowed: Allowed, weights = WEIGHTS): WordsFound {
  const terms = withoutStemmedPrefix(db, typed);
  const search = new Search(db, condition(allowed), weights);
  let [used, replaced]: [readonly Term[], readonly Replaced[]] = [terms, []];
  let total = search.count(allOf(used));
  if (total < FEW) {
    ({ terms: used, replaced } = respelled(db, terms));
    if (used !== terms) total = search.count(allOf(used));
  }
  const whole = search.rankAll(used, total);
  if (total >= FEW || used.length < 2) return { ...whole, total, terms: used, replaced };
  const found = followedBy(whole, search.rankAny(used));
  return { ...found, total: found.ids.length, terms: used, replaced };
}

function allOf(terms: readonly Term[]): string {
  return terms.map(matchOf).join(" AND ");
}

class Search {
  private readonly db: Database;
  private readonly where: string;
  private readonly score: string;

  constructor(db: Database, where: string, weights: typeof WEIGHTS) {
    this.db = db;
    this.where = `words MATCH ? AND ${where}`;
    const { title, body, note, tags, address } = weights;
    this.score = `-bm25(words, ${[title, body, note, tags, address].join(", ")})`;
  }

  /** Return how many rows match, which is several times as fast as to rank them. */
  count(match: string): number {
    return Number(this.db.selectValue(`SELECT count(*) FROM words WHERE ${this.where}`, [match]));
  }

  /** Return the rows with all terms: if too many to rank, those with all in the title and then the newest. */
  rankAll(terms: readonly Term[], total: number): Ranked {
    const match = allOf(terms);
    const telling = this.counted(terms).filter(({ rows }) => rows <= COMMON);
    const rank = (rows: string) => {
      if (telling.length === terms.length) return this.rank(rows);
      return telling.length > 0 ? this.rankBy(telling.map((one) => one.match).join(" AND "), rows) : this.newest(rows);
    };
    return total <= MOST ? rank(match) : followedBy(rank(`{title} : (${match})`), rank(match));
  }

  /** Return the rows with any of the terms, the commonest left out when all stand in more than COMMON rows. */
  rankAny(terms: readonly Term[]): Ranked {
    let rows = 0;
    const kept = this.counted(terms).filter((one, place) => {
      rows += one.rows;
      return place === 0 || rows <= COMMON;
    });
    return this.rank(kept.map(({ match }) => match).join(" OR "), COMMON);
  }

  /** Return the newest rows that match, in order. */
  private rank(match: string, most = MOST): Ranked {
    return selectRanked(this.db, `SELECT rowid AS id, ${this.score} AS score ${this.newestOf(most)}`, [match]);
  }

  /** Return the newest MOST rows that match `rows`, in the order of `match`, which all of them match. */
  private rankBy(match: string, rows: string): Ranked {
    this.db.exec("CREATE TEMP TABLE IF NOT EXISTS held (id INTEGER PRIMARY KEY); DELETE FROM temp.held");
    this.db.exec(`INSERT INTO temp.held SELECT rowid ${this.newestOf()}`, { bind: [rows] });
    const sql = `SELECT rowid AS id, ${this.score} AS score FROM words
      WHERE words MATCH ? AND +rowid IN (SELECT id FROM temp.held) LIMIT ${MOST}`; // without a limit, SQLite moves bm25 out
    return selectRanked(this.db, sql, [match]);
  }

  private newest(match: string): Ranked {
    return selectRanked(this.db, `SELECT rowid AS id, 1 AS score ${this.newestOf()}`, [match]);
  }

  private newestOf(most = MOST): string {
    return `FROM words WHERE ${this.where} ORDER BY rowid DESC LIMIT ${most}`;
  }

  /** Return how many rows match each term, the rarest first; not counted beyond COMMON. */
  private counted(terms: readonly Term[]): { match: string; rows: number }[] {
    const sql = `SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ${COMMON + 1})`;
    return terms
      .map(matchOf)
      .map((match) => ({ match, rows: Number(this.db.selectValue(sql, [match])) }))
      .sort((a, b) => a.rows - b.rows);
  }
}
/**
 * Rows from which on a word is required but says nothing about the order: to weigh it, BM25 counts all of its rows.
 * In a library of fewer cutouts every word counts.
 */
const COMMON = 8000;
