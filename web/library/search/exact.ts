/** A query's text goes in; cutouts come out whose title or address it is, letter for letter. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { rows } from "../statements.ts";
import { type Allowed, condition, isAllowed } from "./filters.ts";
import { quoted } from "./match.ts";
import { plain } from "./stems.ts";

const MOST = 300; // titles that are compared: the newest that begin with these words

/**
 * Return the ids, the newest first. Capitals, accents and spaces make no difference; nor do scheme, www and a last
 * slash. `held` are all cutouts that may have it as their title, or null when they are too many to look at each.
 */
export function exactIds(db: Database, text: string, allowed: Allowed, held: readonly number[] | null): number[] {
  const ids = new Set([...byAddress(db, text.trim()), ...byTitle(db, text, allowed, held)]);
  return [...ids].filter((id) => isAllowed(allowed, id)).sort((a, b) => b - a);
}

function byTitle(db: Database, text: string, allowed: Allowed, held: readonly number[] | null): number[] {
  const wanted = lineOf(text);
  if (!/[\p{L}\p{N}]/u.test(wanted)) return [];
  // Titles have no index of their own: full text finds those that begin with these words.
  const beginning = `SELECT rowid FROM words WHERE words MATCH ? AND ${condition(allowed)}
    ORDER BY rowid DESC LIMIT ${MOST}`;
  const found = rows(
    db,
    `SELECT id, title FROM cutout
     WHERE length(title) BETWEEN ? AND ? AND id IN (${held === null ? beginning : "SELECT value FROM json_each(?)"})`,
    [wanted.length / 3, wanted.length * 2 + 10, held === null ? `title : ^ ${quoted(text)}` : JSON.stringify(held)],
  ) as [number, string][];
  return found.flatMap(([id, title]) => (lineOf(title) === wanted ? [id] : []));
}

/** Return what two titles are compared by. */
function lineOf(text: string): string {
  return plain(text)
    .replace(/[\s"]+/g, " ")
    .trim();
}

function byAddress(db: Database, text: string): number[] {
  if (text === "" || /\s/.test(text)) return [];
  const bare = text
    .replace(/^https?:\/\//i, "")
    .replace(/^www\./i, "")
    .replace(/\/$/, "");
  const variants = ["https://", "http://"].flatMap((scheme) =>
    ["", "www."].flatMap((www) => ["", "/"].map((end) => scheme + www + bare + end)),
  );
  const marks = [text, ...variants].map(() => "?").join(", ");
  const sql = `SELECT id FROM cutout WHERE address <> '' AND address IN (${marks})`;
  return rows(db, sql, [text, ...variants]).map(([id]) => Number(id));
}
