/** Filters go in, the library comes out page by page, the newest first: for a list that shows only what is visible. */

import type { Database, SqlValue } from "@sqlite.org/sqlite-wasm";
import { chosenBy, countChosen, isPlain } from "./filters.ts";
import { type Hit, hitsOf } from "./hits.ts";
import type { Filters } from "./query.ts";

/** Where a page ended. It stays right while cutouts come and go. */
export interface Cursor {
  readonly created: number;
  readonly id: number;
}

export interface Page {
  /** Cutouts in all pages. */
  readonly total: number;
  readonly hits: readonly Hit[];
  /** Where the next page begins, or null after the last one. */
  readonly next: Cursor | null;
}

/** Return the cutouts that filters choose, `limit` of them from `after` on. */
export function listCutouts(
  db: Database,
  { filters, after, limit }: { filters: Filters; after: Cursor | null; limit: number },
): Page {
  const ids = newestIds(db, filters, { after, limit, offset: 0 });
  const total = countChosen(db, chosenBy(filters));
  const hits = hitsOf(db, ids, [], () => "filters");
  const last = hits.at(-1);
  const next = last === undefined || ids.length < limit ? null : { created: last.created, id: last.id };
  return { total, hits, next };
}

/** Return what filters choose but `without`, the newest first, read from the index of times as far as it is needed. */
export function newestIds(
  db: Database,
  filters: Filters,
  window: { after: Cursor | null; limit: number; offset: number; without?: readonly number[] },
): number[] {
  const { after, limit, offset, without = [] } = window;
  const where = [`trashed IS ${filters.isTrashed ? "NOT NULL" : "NULL"}`];
  const bind: SqlValue[] = [];
  if (!isPlain(filters)) {
    const chosen = chosenBy(filters);
    where.push(`+id IN (${chosen.sql})`);
    bind.push(...chosen.bind);
  }
  if (after !== null) {
    where.push("(created, id) < (?, ?)");
    bind.push(after.created, after.id);
  }
  if (without.length > 0) {
    where.push("id NOT IN (SELECT value FROM json_each(?))");
    bind.push(JSON.stringify(without));
  }
  const sql = `SELECT id FROM cutout WHERE ${where.join(" AND ")} ORDER BY created DESC, id DESC LIMIT ? OFFSET ?`;
  return db.selectValues(sql, [...bind, limit, offset]).map(Number);
}
