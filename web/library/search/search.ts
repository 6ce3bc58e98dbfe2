/** What a person types goes in, and its vector when there is a model; the cutouts that answer come out, best first. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { value } from "../statements.ts";
import { folded } from "../tags.ts";
import { exactIds } from "./exact.ts";
import { type Allowed, allowedBy, chosenBy, countChosen } from "./filters.ts";
import { fuse, scaled } from "./fuse.ts";
import { idsFrom } from "./here.ts";
import { type Hit, hitsOf, type Matched } from "./hits.ts";
import { newestIds } from "./list.ts";
import { type Filter, parseQuery, type Query, type Term } from "./query.ts";
import { byScore, type Ranked } from "./ranked.ts";
import { findRuns, isUnspaced } from "./runs.ts";
import type { Replaced } from "./spelling.ts";
import { catchUp, type VectorIndex } from "./stored.ts";
import { type FindOptions, findWords, type WordsFound } from "./words.ts";

/** Cutouts that meaning alone may add; beyond these, likeness is no answer. */
export const NEAREST = 100;
/** What one of the person's tags adds when it is a word of the query: about a tenth of what words or meaning can. */
const TAG_LIFT = 0.05;

export interface Wanted {
  readonly text: string;
  /** Of the text without filters, in the index's space; null without a model. */
  readonly vector: Float32Array | null;
  readonly limit: number;
  readonly offset: number;
  /** The addresses of the page that is read beside the list: without words to look for, what is from there comes first. */
  readonly here?: readonly string[];
}

export interface Found {
  readonly total: number;
  readonly hits: readonly Hit[];
  /** Filters that were understood, as they were typed. */
  readonly understood: readonly Filter[];
  /** Words that the library does not hold, and what was searched instead. */
  readonly replaced: readonly Replaced[];
}

/** Return what answers a query, its title or address first; with filters alone, what they choose, newest first. */
export function search(db: Database, index: VectorIndex | null, wanted: Wanted): Found {
  const { text, limit, offset } = wanted;
  const query = parseQuery(text);
  if (query.terms.length === 0) return filtered(db, query, wanted);
  const allowed = allowedBy(db, query.filters);
  const ranking = rank(db, query, allowed, index, wanted);
  const ids = ranking.ids.slice(offset, offset + limit);
  return {
    total: ranking.total,
    hits: hitsOf(db, ids, ranking.terms, ranking.matched),
    understood: query.understood,
    replaced: ranking.replaced,
  };
}

interface Ranking extends Pick<WordsFound, "total" | "terms" | "replaced"> {
  readonly ids: readonly number[];
  readonly matched: (id: number) => Matched;
}

function rank(
  db: Database,
  query: Query,
  allowed: Allowed,
  index: VectorIndex | null,
  { vector, limit, offset }: Wanted,
): Ranking {
  const tags = tagsIn(db, query.terms);
  // Meaning and tags can bring up what is far down by its words.
  const isAsItIs = vector === null && tags.length === 0;
  const words = findTerms(db, query.terms, allowed, isAsItIs ? { shown: offset + limit } : {});
  const exact = new Set(exactIds(db, query.text, allowed));
  if (index !== null) catchUp(db, index);
  const meaning = index !== null && vector !== null ? nearest(index, vector, allowed) : NOTHING;
  const similarity = (id: number) => (vector === null ? null : (index?.vectors.similarity(vector, id) ?? null));
  const fused = meaning.ids.length > 0 ? fuse(words, meaning, similarity) : scaled(words);
  const lifted = liftTagged(db, fused, tags);
  const held = new Set(words.ids);
  const added = [...new Set([...exact, ...meaning.ids])].filter((id) => !held.has(id)).length;
  return {
    ids: [...exact, ...lifted.ids.filter((id) => !exact.has(id))],
    // Of more than are ranked, some of the nearest hold the words too: they are not counted twice.
    total: words.total > words.ids.length ? words.total : words.total + added,
    terms: words.terms,
    replaced: words.replaced,
    matched: (id) => (exact.has(id) ? "exact" : held.has(id) ? "words" : "meaning"),
  };
}
const NOTHING: Ranked = { ids: [], scores: [] };

/** Return the cutouts that hold these terms, in whatever script they are. */
export function findTerms(
  db: Database,
  terms: readonly Term[],
  allowed: Allowed,
  options: FindOptions = {},
): WordsFound {
  return isUnspaced(terms) ? findRuns(db, terms, allowed) : findWords(db, terms, allowed, options);
}

/** Return the nearest cutouts; none for a vector of zeros, which is a text without a known word. */
function nearest({ vectors }: VectorIndex, vector: Float32Array, allowed: Allowed): Ranked {
  return vector.every((value) => value === 0) ? NOTHING : vectors.nearest(vector, NEAREST, allowed);
}

/** Return the tags that are a word of the query. */
function tagsIn(db: Database, terms: readonly Term[]): number[] {
  const names = [...new Set(terms.map(({ text }) => text.trim()))].map(folded);
  return names.flatMap((name) => value(db, "SELECT id FROM tag WHERE folded = ?", [name]) ?? []).map(Number);
}

/** Lift what the person gave one of these tags. */
function liftTagged(db: Database, ranked: Ranked, tags: readonly number[]): Ranked {
  if (tags.length === 0) return ranked;
  const tagged = db.selectValues(
    `SELECT DISTINCT listed.value FROM json_each(?) AS listed CROSS JOIN json_each(?) AS tag
     JOIN cutout_tag ON cutout = listed.value AND cutout_tag.tag = tag.value WHERE origin = 'person'`,
    [JSON.stringify(ranked.ids), JSON.stringify(tags)],
  );
  const lifted = new Set(tagged.map(Number));
  return byScore(ranked.ids.map((id, place) => [id, (ranked.scores[place] ?? 0) + (lifted.has(id) ? TAG_LIFT : 0)]));
}

function filtered(db: Database, { filters, understood }: Query, { limit, offset, here = [] }: Wanted): Found {
  const ids =
    here.length === 0
      ? newestIds(db, filters, { after: null, limit, offset })
      : idsFrom(db, filters, { here, limit, offset });
  const hits = hitsOf(db, ids, [], () => "filters");
  return { total: countChosen(db, chosenBy(filters)), hits, understood, replaced: [] };
}
