/** Filters go in; SQL for the rows they choose, or a bitmap of these rows, comes out. */

import type { Database, SqlValue } from "@sqlite.org/sqlite-wasm";
import { run, value } from "../statements.ts";
import { folded } from "../tags.ts";
import type { Filters } from "./query.ts";

/** SQL that gives ids, with what is bound to it in that order. */
export interface Chosen {
  readonly sql: string;
  readonly bind: readonly SqlValue[];
}

/** Which cutouts may be found: those whose bit is what `isListed` says. Ids beyond the bits count as not listed. */
export interface Allowed {
  readonly bits: Uint8Array;
  readonly isListed: boolean;
}

/** Return whether a cutout may be found. */
export function isAllowed({ bits, isListed }: Allowed, id: number): boolean {
  return (id < bits.length && bits[id] === 1) === isListed; // a look beyond the end is slow
}

/** Return whether nothing is asked but to leave the trash out. */
export function isPlain(filters: Filters): boolean {
  const { tags, withoutTags, kinds, sites, before, after, isUntagged, isTrashed } = filters;
  const lists = [tags, withoutTags, kinds, sites];
  return lists.every((list) => list.length === 0) && before === null && after === null && !isUntagged && !isTrashed;
}

/** Return the ids that filters choose. Each part of the SQL is answered by one index, without a look at a text. */
export function chosenBy(filters: Filters): Chosen {
  const bind: SqlValue[] = [];
  const { kinds, sites, before, after } = filters;
  const marks = (values: readonly SqlValue[]) => {
    bind.push(...values);
    return values.map(() => "?").join(", ");
  };
  let sql = `SELECT id FROM cutout WHERE trashed IS ${filters.isTrashed ? "NOT NULL" : "NULL"}`;
  if (kinds.length > 0) sql += ` AND kind IN (${marks(kinds)})`;
  if (before !== null) sql += ` AND created < ${marks([before])}`;
  if (after !== null) sql += ` AND created >= ${marks([after])}`;
  if (sites.length > 0) {
    const either = sites.map((site) => `site = ${marks([site])} OR site GLOB ${marks([`*.${site}`])}`);
    sql += ` INTERSECT SELECT id FROM cutout WHERE site <> '' AND (${either.join(" OR ")})`;
  }
  const tagged = (name: string) =>
    `SELECT cutout FROM cutout_tag WHERE tag = (SELECT id FROM tag WHERE folded = ${marks([folded(name)])})
     AND origin <> 'removed'`;
  for (const name of filters.tags) sql += ` INTERSECT ${tagged(name)}`;
  for (const name of filters.withoutTags) sql += ` EXCEPT ${tagged(name)}`;
  if (filters.isUntagged) sql += " EXCEPT SELECT cutout FROM cutout_tag WHERE origin <> 'removed'";
  return { sql, bind };
}

/** Return how many cutouts are chosen. */
export function countChosen(db: Database, { sql, bind }: Chosen): number {
  return Number(db.selectValue(`SELECT count(*) FROM (${sql})`, bind.length > 0 ? [...bind] : undefined));
}

/**
 * Return which cutouts may be found, and list them in `temp.listed` for `condition`. Without filters the trash is
 * listed, as what may not be found: it is small.
 */
export function allowedBy(db: Database, filters: Filters): Allowed {
  const isListed = !isPlain(filters);
  const { sql, bind } = isListed ? chosenBy(filters) : TRASH;
  run(db, "CREATE TEMP TABLE IF NOT EXISTS listed (id INTEGER PRIMARY KEY)");
  run(db, "DELETE FROM temp.listed");
  if (isListed) db.exec(`INSERT INTO temp.listed ${sql}`, { bind: [...bind] });
  else run(db, `INSERT INTO temp.listed ${sql}`);
  const bits = new Uint8Array(Number(value(db, "SELECT coalesce(max(id), -1) + 1 FROM temp.listed")));
  if (bits.length === 0) return { bits, isListed };
  // As one text: a hundred thousand rows one by one take several times as long.
  const ids = JSON.parse(value(db, "SELECT json_group_array(id) FROM temp.listed") as string) as number[];
  for (const id of ids) bits[id] = 1;
  return { bits, isListed };
}
const TRASH: Chosen = { sql: "SELECT id FROM cutout WHERE trashed IS NOT NULL", bind: [] };

/** Return the condition on the rows of full text that leaves what `allowedBy` last allowed. */
export function condition({ isListed }: Allowed): string {
  // The plus keeps SQLite from asking full text once for each id.
  return `+rowid ${isListed ? "IN" : "NOT IN"} (SELECT id FROM temp.listed)`;
}
