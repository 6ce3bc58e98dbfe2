/** The person's own vocabulary: an open database goes in, tags are found, made, renamed, merged and compared. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import type { Tag } from "./cutout.ts";
import { LibraryError } from "./errors.ts";
import { run, value } from "./statements.ts";

const LONGEST = 100; // characters of a name

/** Return how a name is compared: capitals, width and outer spaces make no other tag. */
export function folded(name: string): string {
  return cleaned(name).normalize("NFKC").toLowerCase();
}

/** Return a name as it is kept: one line, without control characters. */
export function cleaned(name: string): string {
  const line = name
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  if (line === "") throw new LibraryError("a tag has no letters: give it a name");
  return [...line].slice(0, LONGEST).join("").trim();
}

/** Return the row of the tag with this name, made if there is none. */
export function tagId(db: Database, name: string): number {
  const known = findTag(db, name);
  if (known !== null) return known;
  run(db, "INSERT INTO tag (name, folded) VALUES (?, ?)", [cleaned(name), folded(name)]);
  return Number(value(db, "SELECT last_insert_rowid()"));
}

/** Return the row of the tag with this name, or null. */
export function findTag(db: Database, name: string): number | null {
  const id = value(db, "SELECT id FROM tag WHERE folded = ?", [folded(name)]);
  return id === undefined ? null : Number(id);
}

/** Give a tag another name; if that is a tag already, the two become one. */
export function renameTag(db: Database, from: string, to: string): void {
  const id = knownTag(db, from);
  const other = findTag(db, to);
  if (other !== null && other !== id) mergeInto(db, id, other);
  else run(db, "UPDATE tag SET name = ?, folded = ? WHERE id = ?", [cleaned(to), folded(to), id]);
}

/** Delete a tag from the library and from every cutout. */
export function deleteTag(db: Database, name: string): void {
  const id = knownTag(db, name);
  run(db, "DELETE FROM cutout_tag WHERE tag = ?", [id]);
  run(db, "DELETE FROM tag WHERE id = ?", [id]);
}

/** Move what has the tag `from` to `to`; where a cutout has both, what the person did counts more. */
function mergeInto(db: Database, from: number, to: number): void {
  run(
    db,
    `INSERT INTO cutout_tag (cutout, tag, origin, model, probability, at)
     SELECT cutout, ?, origin, model, probability, at FROM cutout_tag WHERE tag = ?
     ON CONFLICT DO UPDATE SET origin = excluded.origin, at = excluded.at
     WHERE excluded.origin = 'person' OR origin = 'model'`,
    [to, from],
  );
  run(db, "DELETE FROM cutout_tag WHERE tag = ?", [from]);
  run(db, "DELETE FROM tag WHERE id = ?", [from]);
}

function knownTag(db: Database, name: string): number {
  const id = findTag(db, name);
  if (id === null)
    throw new LibraryError(`no tag is called ${name}: it was renamed or deleted, perhaps in another window`);
  return id;
}

/** Return every tag that a cutout outside the trash has, by name, with how many have it. */
export function allTags(db: Database): Tag[] {
  return db.selectObjects(
    `SELECT tag.name, count(*) AS cutouts FROM cutout_tag JOIN tag ON tag.id = tag
     WHERE ${IS_SHOWN} GROUP BY tag.id ORDER BY folded`,
  ) as unknown as Tag[];
}
/** The trash is small and has an index of its own: to look at each cutout instead would read all their texts. */
const IS_SHOWN = "origin <> 'removed' AND cutout NOT IN (SELECT id FROM cutout WHERE trashed IS NOT NULL)";

/** Return how many tags a cutout outside the trash has. */
export function countTags(db: Database): number {
  return Number(
    db.selectValue(
      `SELECT count(*) FROM tag WHERE EXISTS (SELECT 1 FROM cutout_tag WHERE cutout_tag.tag = tag.id AND ${IS_SHOWN})`,
    ),
  );
}
