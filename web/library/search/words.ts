/** Terms of a query go in; cutouts that hold these words come out, by BM25 with a weight for each column. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { type Allowed, condition } from "./filters.ts";
import { matchOf } from "./match.ts";
import type { Term } from "./query.ts";
import { followedBy, type Ranked, selectRanked } from "./ranked.ts";
import { type Replaced, respelled } from "./spelling.ts";
import { withoutStemmedPrefix } from "./stems.ts";

/** What a word is worth by where it stands. The title's was learned (docs/results.md), the others are a choice. */
export const WEIGHTS = { title: 4, body: 1, note: 2, tags: 2, address: 1 };

/** Fewer cutouts than these with all words, and those with any of them follow. */
export const FEW = 10;
/** Rows that are ranked; each costs about 2 microseconds, and a question as wide as this has no one right answer. */
const MOST = 2000;

/** What was found: at most MOST cutouts in order, and how many there are. */
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
  const whole = total > MOST ? search.rankMany(allOf(used)) : search.rank(allOf(used));
  if (total >= FEW || used.length < 2) return { ...whole, total, terms: used, replaced };
  const any = search.rank(search.anyOf(used));
  const found = followedBy(whole, any);
  return { ...found, total: found.ids.length, terms: used, replaced };
}

function allOf(terms: readonly Term[]): string {
  return terms.map(matchOf).join(" AND ");
}

class Search {
  private readonly db: Database;
  private readonly where: string;
  private readonly weights: string;

  constructor(db: Database, where: string, weights: typeof WEIGHTS) {
    this.db = db;
    this.where = `words MATCH ? AND ${where}`;
    this.weights = [weights.title, weights.body, weights.note, weights.tags, weights.address].join(", ");
  }

  /** Return how many rows match, which is several times as fast as to rank them. */
  count(match: string): number {
    return Number(this.db.selectValue(`SELECT count(*) FROM words WHERE ${this.where}`, [match]));
  }

  /** Return the newest MOST rows that match, in order. */
  rank(match: string): Ranked {
    return selectRanked(
      this.db,
      `SELECT rowid AS id, -bm25(words, ${this.weights}) AS score FROM words WHERE ${this.where}
       ORDER BY rowid DESC LIMIT ${MOST}`,
      [match],
    );
  }

  /** Return those with all words in the title, then of the rest the newest: to rank them all would take too long. */
  rankMany(match: string): Ranked {
    return followedBy(this.rank(`{title} : (${match})`), this.rank(match));
  }

  /** Return what matches any of the terms, the rarest first, until they stand in more than BUDGET rows. */
  anyOf(terms: readonly Term[]): string {
    const counted = terms.map((term) => ({ match: matchOf(term), rows: this.countAtMost(matchOf(term)) }));
    counted.sort((a, b) => a.rows - b.rows);
    let rows = 0;
    const kept = counted.filter((one, place) => {
      rows += one.rows;
      return place === 0 || rows <= BUDGET;
    });
    return kept.map(({ match }) => match).join(" OR ");
  }

  private countAtMost(match: string): number {
    const limited = `SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ${BUDGET + 1})`;
    return Number(this.db.selectValue(limited, [match]));
  }
}
/** Places in which the words of a question may stand, the commonest words being left out for it. */
const BUDGET = 8000;
