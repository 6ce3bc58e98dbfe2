/** Terms of a query go in; cutouts that hold these words come out, by BM25 with a weight for each column. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { type Allowed, condition } from "./filters.ts";
import { matchOf, widestOf } from "./match.ts";
import type { Term } from "./query.ts";
import { followedBy, type Ranked, selectRanked } from "./ranked.ts";
import { COMMON, followChanges, type Rows, rowsOf, sharedBy } from "./rows.ts";
import { type Replaced, respelled } from "./spelling.ts";
import { withoutStemmedPrefix } from "./stems.ts";

/** What a word is worth by where it stands: choices. On Cranfield 8 for the title is better by at most 0.003 (nDCG@10). */
export const WEIGHTS = { title: 4, body: 1, note: 2, tags: 2, address: 1 };

/** Fewer cutouts than these with all words, and those with any of them follow. */
export const FEW = 10;
/** Rows that are ranked; each costs 2 to 4 microseconds, and a question as wide as this has no one right answer. */
const MOST = 500;
/** Rows beside those of titles that are listed of a question that has more. */
const LISTED = 1000;

/** What was found: the best in order, and how many there are. */
export interface WordsFound extends Ranked {
  readonly total: number;
  /** The terms that were looked for in the end, for what is shown of the texts. */
  readonly terms: readonly Term[];
  readonly replaced: readonly Replaced[];
}

export interface FindOptions {
  readonly weights?: typeof WEIGHTS;
  /** How many of the best are looked at; where those with all words in the title are enough, no others are weighed. */
  readonly shown?: number;
}

/** Return the cutouts that hold all words; when these are few, words misspelled are replaced, then any word is enough. */
export function findWords(
  db: Database,
  typed: readonly Term[],
  allowed: Allowed,
  { weights = WEIGHTS, shown = Number.POSITIVE_INFINITY }: FindOptions = {},
): WordsFound {
  followChanges(db);
  const terms = withoutStemmedPrefix(db, typed);
  const search = new Search(db, allowed, weights, shown);
  let [used, replaced]: [readonly Term[], readonly Replaced[]] = [terms, []];
  let whole = search.rankAll(used);
  if (whole.total < FEW) {
    ({ terms: used, replaced } = respelled(db, terms));
    if (used !== terms) whole = search.rankAll(used);
  }
  if (whole.total >= FEW || used.length < 2) return { ...whole, terms: used, replaced };
  const found = followedBy(whole, search.rankAny(used));
  return { ...found, total: found.ids.length, terms: used, replaced };
}

function part({ ids, scores }: Ranked, isIn: (id: number) => boolean): Ranked {
  const places = [...ids.keys()].filter((place) => isIn(ids[place] as number));
  return { ids: places.map((place) => ids[place] as number), scores: places.map((place) => scores[place] as number) };
}

interface Counted {
  readonly term: Term;
  readonly rows: Rows;
}

class Search {
  private readonly db: Database;
  private readonly allowed: Allowed;
  private readonly score: string;
  private readonly shown: number;

  constructor(db: Database, allowed: Allowed, weights: typeof WEIGHTS, shown: number) {
    this.db = db;
    this.allowed = allowed;
    this.shown = shown;
    const { title, body, note, tags, address } = weights;
    this.score = `-bm25(words, ${[title, body, note, tags, address].join(", ")})`;
  }

  /** Return the rows with all terms: if too many to rank, those with all in the title and then the newest. */
  rankAll(terms: readonly Term[]): Ranked & Pick<WordsFound, "total"> {
    const counted = this.counted(terms);
    const { total, newest } = this.sharedBy(counted);
    const telling = counted.filter(({ rows }) => rows.count <= COMMON).map(({ term }) => matchOf(term));
    const isAll = total <= MOST && telling.length === terms.length;
    if (total <= MOST) return { ...this.rank(telling, newest, { isAll }), total };
    const inTitle = this.sharedBy(
      terms.map((term) => ({ term, rows: rowsOf(this.db, `{title} : (${widestOf(term)})`) })),
    ).newest;
    const isEnough = inTitle.length >= this.shown;
    // In one go: BM25 counts the rows of each word anew for each query.
    const ranked = this.rank(telling, isEnough ? inTitle : [...new Set([...inTitle, ...newest.slice(0, MOST)])]);
    const first = new Set(inTitle);
    const titlesFirst = isEnough
      ? ranked
      : followedBy(
          part(ranked, (id) => first.has(id)),
          ranked,
        );
    return { ...followedBy(titlesFirst, { ids: newest, scores: newest.map(() => 0) }), total };
  }

  /** Return the rows with any of the terms, the commonest left out when all stand in more than COMMON rows. */
  rankAny(terms: readonly Term[]): Ranked {
    let rows = 0;
    const kept = this.counted(terms).filter((one, place) => {
      rows += one.rows.count;
      return place === 0 || rows <= COMMON;
    });
    const match = kept.map((one) => matchOf(one.term)).join(" OR ");
    const sql = `SELECT rowid AS id, ${this.score} AS score FROM words
      WHERE words MATCH ? AND ${condition(this.allowed)} ORDER BY rowid DESC LIMIT ${COMMON}`;
    return selectRanked(this.db, sql, [match]);
  }

  /** Return these rows by the matches that tell, all of which they have; without any as they are. `isAll` others do not. */
  private rank(telling: readonly string[], ids: readonly number[], { isAll = false } = {}): Ranked {
    if (ids.length === 0 || telling.length === 0) return { ids, scores: ids.map(() => 1) };
    const among = isAll ? condition(this.allowed) : "+rowid IN (SELECT value FROM json_each(?))";
    const sql = `SELECT rowid AS id, ${this.score} AS score FROM words
      WHERE words MATCH ? AND ${among} LIMIT ${LISTED + MOST}`; // without a limit, SQLite moves bm25 out
    return selectRanked(this.db, sql, [telling.join(" AND "), ...(isAll ? [] : [JSON.stringify(ids)])]);
  }

  /** Return each term's match with its rows, the rarest first. */
  private counted(terms: readonly Term[]): Counted[] {
    const counted = terms.map((term) => ({ term, rows: rowsOf(this.db, widestOf(term)) }));
    return counted.sort((a, b) => a.rows.count - b.rows.count);
  }

  private sharedBy(counted: readonly Counted[]) {
    const rows = counted.map((one) => one.rows);
    return sharedBy(rows, this.allowed, LISTED);
  }
}
