/** A query's text goes in; cutouts come out whose title or address it is, letter for letter. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { rows } from "../statements.ts";
import { titleHash, titleLine } from "../title.ts";
import { type Allowed, condition, isAllowed } from "./filters.ts";

const MOST = 300; // cutouts of one title: the newest

/**
 * Return the ids, the newest first. Capitals, accents and spaces make no difference; nor do scheme, www and a last
 * slash.
 */
export function exactIds(db: Database, text: string, allowed: Allowed): number[] {
  const ids = new Set([
    ...byAddress(db, text.trim()).filter((id) => isAllowed(allowed, id)),
    ...byTitle(db, text, allowed),
  ]);
  return [...ids].sort((a, b) => b - a);
}

function byTitle(db: Database, text: string, allowed: Allowed): number[] {
  const wanted = titleLine(text);
  const sql = `SELECT id, title FROM cutout WHERE title_hash = ? AND ${condition(allowed)} ORDER BY id DESC LIMIT ${MOST}`;
  const found = rows(db, sql, [titleHash(text)]) as [number, string][];
  return found.flatMap(([id, title]) => (titleLine(title) === wanted ? [id] : []));
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
