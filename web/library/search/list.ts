/** Filters go in, the library comes out page by page, the newest first: for a list that shows only what is visible. */

import type { Database } from "@sqlite.org/sqlite-wasm";
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
  const chosen = chosenBy(filters);
  const total = countChosen(db, chosen);
  const where = [`trashed IS ${filters.isTrashed ? "NOT NULL" : "NULL"}`];
  const bind = [...(isPlain(filters) ? [] : chosen.bind)];
  if (!isPlain(filters)) where.push(`+id IN (${chosen.sql})`);
  if (after !== null) {
    where.push("(created, id) < (?, ?)");
    bind.push(after.created, after.id);
  }
  const ids = db
    .selectValues(`SELECT id FROM cutout WHERE ${where.join(" AND ")} ORDER BY created DESC, id DESC LIMIT ?`, [
      ...bind,
      limit,
    ])
    .map(Number);
  const hits = hitsOf(db, ids, [], () => "filters");
  const last = hits.at(-1);
  const next = last === undefined || ids.length < limit ? null : { created: last.created, id: last.id };
  return { total, hits, next };
}
