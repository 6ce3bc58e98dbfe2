/** The addresses of the page that is read go in; what was saved from there comes first, then from its site, then the rest. */

import type { Database, SqlValue } from "@sqlite.org/sqlite-wasm";
import { siteOf, withoutFragment } from "../site.ts";
import { chosenBy, isPlain } from "./filters.ts";
import { newestIds } from "./list.ts";
import type { Filters } from "./query.ts";

/** Cutouts that may come first; of a site with more, the rest stands where its time puts it. */
const MOST = 500;

/** Return what filters choose, in that order, and within each part the newest first. */
export function idsFrom(
  db: Database,
  filters: Filters,
  { here, limit, offset }: { here: readonly string[]; limit: number; offset: number },
): number[] {
  const near = nearIds(db, filters, here);
  const first = near.slice(offset, offset + limit);
  const left = limit - first.length;
  if (left === 0) return first;
  const rest = { after: null, limit: left, offset: Math.max(0, offset - near.length), without: near };
  return [...first, ...newestIds(db, filters, rest)];
}

function nearIds(db: Database, filters: Filters, here: readonly string[]): number[] {
  const sites = here.map(siteOf).filter((site) => site !== "");
  if (sites.length === 0) return [];
  const pages = here.map(withoutFragment);
  const chosen = isPlain(filters) ? null : chosenBy(filters);
  const bind: SqlValue[] = [...sites, ...(chosen?.bind ?? []), ...pages.flatMap((page) => [page, `${page}#`]), MOST];
  const ids = db.selectValues(
    `SELECT id FROM cutout WHERE site IN (${sites.map(() => "?")}) AND trashed IS ${filters.isTrashed ? "NOT NULL" : "NULL"}
     ${chosen === null ? "" : `AND +id IN (${chosen.sql})`}
     ORDER BY ${pages.map(() => "address = ? OR instr(address, ?) = 1").join(" OR ")} DESC, created DESC, id DESC LIMIT ?`,
    bind,
  );
  return ids.map(Number);
}
