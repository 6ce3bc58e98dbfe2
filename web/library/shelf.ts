/** An open database goes in; cutouts are put there, changed, tagged, trashed and read. Transactions are the caller's. */

import type { Database, SqlValue } from "@sqlite.org/sqlite-wasm";
import { checkedAnchor } from "./anchor.ts";
import { bytesOfHex, hexOfBytes } from "./asset.ts";
import type { Anchor, Cutout, CutoutTag, Edit, Moment, NewCutout } from "./cutout.ts";
import { LibraryError } from "./errors.ts";
import { movedAnchor } from "./place.ts";
import { siteOf } from "./site.ts";
import { rows, run, value } from "./statements.ts";
import { forgetHtml, forgetIcon, putSource, readSource } from "./stored_source.ts";
import { tagId } from "./tags.ts";
import { titleHash } from "./title.ts";

type Row = Record<string, SqlValue>;

/** Add a cutout with the person's tags. One whose key is there already is left as it is, and false returned. */
export function insertCutout(db: Database, cutout: NewCutout, batch: number | null = null): boolean {
  if (idOf(db, cutout.key) !== null) return false;
  const id = Number(value(db, "SELECT coalesce(max(id), 0) + 1 FROM cutout"));
  // Tags first: full text then takes the cutout in once, not once more for each tag.
  for (const name of cutout.tags) giveTag(db, id, name, cutout.created);
  const { key, kind, title, body, note, address, anchor, asset, created } = cutout;
  const { language = "", icon = null, source = null } = cutout;
  run(
    db,
    `INSERT INTO cutout (id, key, kind, title, body, note, tags, address, site, language, anchor, asset, icon, batch,
       created, changed, title_hash)
     VALUES (?, ?, ?, ?, ?, ?, coalesce((SELECT names FROM tag_names WHERE cutout = ?), ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      ...[id, key, kind, title, body, note, id, address, siteOf(address), language],
      ...[jsonOf(anchor), asset === null ? null : bytesOfHex(asset), icon === null ? null : bytesOfHex(icon)],
      ...[batch, created, created, titleHash(title)],
    ],
  );
  putSource(db, id, source);
  return true;
}

/** Change what the person wrote. How a text looked goes with the text, the icon with the site. */
export function editCutout(db: Database, key: string, edit: Edit, now: number): void {
  const id = knownId(db, key);
  const { moment, ...written } = edit;
  const fields: Record<string, SqlValue> = { ...written };
  if (edit.title !== undefined) fields.title_hash = titleHash(edit.title);
  if (edit.address !== undefined) {
    fields.site = siteOf(edit.address);
    const [address, json] = db.selectArray("SELECT address, anchor FROM cutout WHERE id = ?", [id]) as string[];
    const anchor = movedAnchor({ address: address as string, anchor: anchorOf(json) }, edit.address);
    run(db, "UPDATE cutout SET anchor = ? WHERE id = ?", [jsonOf(anchor), id]);
    if (siteOf(edit.address) !== siteOf(address as string)) forgetIcon(db, id);
  }
  if (edit.body !== undefined && edit.body !== value(db, "SELECT body FROM cutout WHERE id = ?", [id]))
    forgetHtml(db, id);
  if (moment !== undefined) setMoment(db, id, moment);
  for (const [name, value] of Object.entries(fields)) {
    if (!EDITABLE.includes(name))
      throw new LibraryError(`${name} is no field that can be edited: ${EDITABLE.join(", ")}`);
    run(db, `UPDATE cutout SET ${name} = ? WHERE id = ?`, [value, id]);
  }
  touch(db, id, now);
}
const EDITABLE = ["title", "body", "note", "address", "site", "title_hash"];

/** Let a cutout mean this moment of its video; the words of its anchor stay. */
function setMoment(db: Database, id: number, moment: Moment): void {
  const { start: _, end: __, ...words } = anchorOf(value(db, "SELECT anchor FROM cutout WHERE id = ?", [id])) ?? {};
  const { anchor, isCut } = checkedAnchor({ ...words, ...moment });
  if (isCut) throw new LibraryError("a part of a video begins at 0 or later, and does not end before it begins");
  run(db, "UPDATE cutout SET anchor = ? WHERE id = ?", [jsonOf(anchor), id]);
}

/** Give a tag in the person's name, whoever gave or removed it before. */
export function tagCutout(db: Database, key: string, name: string, now: number): void {
  const id = knownId(db, key);
  giveTag(db, id, name, now);
  touch(db, id, now);
}

function giveTag(db: Database, id: number, name: string, now: number): void {
  run(
    db,
    `INSERT INTO cutout_tag (cutout, tag, origin, at) VALUES (?, ?, 'person', ?)
     ON CONFLICT DO UPDATE SET origin = 'person', at = max(at + 1, excluded.at) WHERE origin <> 'person'`,
    [id, tagId(db, name), now],
  );
}

/** Take a tag off. It stays noted as removed, so that no model gives it again. */
export function untagCutout(db: Database, key: string, name: string, now: number): void {
  const id = knownId(db, key);
  run(db, "UPDATE cutout_tag SET origin = 'removed', at = max(at + 1, ?) WHERE cutout = ? AND tag = ?", [
    now,
    id,
    tagId(db, name),
  ]);
  touch(db, id, now);
}

/** Return the key of the cutout that these words are a copy of: of the same page, or the same passage of it. */
export function sameCutout(
  db: Database,
  { kind, address, body }: Pick<NewCutout, "kind" | "address" | "body">,
): string | null {
  if (address === "") return null;
  const key = value(
    db,
    `SELECT key FROM cutout WHERE address = ? AND address <> '' AND kind = ? AND trashed IS NULL AND (kind = 'page' OR body = ?)
     ORDER BY id LIMIT 1`,
    [address, kind, body],
  );
  return key === undefined ? null : (key as string);
}

/** Add to a cutout what a copy of it says more, and return its title or address. */
export function mergeCutout(
  db: Database,
  key: string,
  copy: Pick<NewCutout, "title" | "body" | "note" | "tags" | "language"> & { readonly anchor?: Anchor },
  now: number,
): string {
  const id = knownId(db, key);
  const row = db.selectObject("SELECT title, body, note, address FROM cutout WHERE id = ?", [id]) as Record<
    string,
    string
  >;
  const { title = "", body = "", note = "", address = "" } = row;
  const notes = note.includes(copy.note) ? note : `${note}\n\n${copy.note}`.trim();
  const named = title || copy.title;
  run(
    db,
    `UPDATE cutout SET title = ?, body = ?, note = ?, title_hash = ? WHERE id = ? AND (title, body, note) <> (?1, ?2, ?3)`,
    [named, body || copy.body, notes, titleHash(named), id],
  );
  if (copy.anchor !== undefined)
    run(db, "UPDATE cutout SET anchor = ? WHERE id = ? AND anchor IS NULL", [JSON.stringify(copy.anchor), id]);
  if (copy.language !== undefined)
    run(db, "UPDATE cutout SET language = ? WHERE id = ? AND language = ''", [copy.language, id]);
  for (const name of copy.tags) giveTag(db, id, name, now);
  touch(db, id, now);
  return named || address;
}

/** Put a cutout into the trash, or take it out again. */
export function trashCutout(db: Database, key: string, now: number, { isTrashed }: { isTrashed: boolean }): void {
  run(db, "UPDATE cutout SET trashed = ?, changed = max(changed, ?) WHERE id = ?", [
    isTrashed ? now : null,
    now,
    knownId(db, key),
  ]);
}

/** Delete for good what is in the trash, and assets that nothing shows any more; return how many cutouts went. */
export function emptyTrash(db: Database): number {
  db.exec("DELETE FROM cutout WHERE trashed IS NOT NULL");
  const gone = db.changes();
  db.exec(
    `DELETE FROM asset WHERE sha256 NOT IN (SELECT asset FROM cutout WHERE asset IS NOT NULL
     UNION ALL SELECT icon FROM cutout WHERE icon IS NOT NULL)`,
  );
  return gone;
}

/** Return the cutout of that key, or null. */
export function getCutout(db: Database, key: string): Cutout | null {
  const row = db.selectObject("SELECT * FROM cutout WHERE key = ?", [key]);
  return row === undefined ? null : cutoutOf(db, row);
}

/** Return the cutouts of these rows, in that order; ids that are not there are left out. */
export function getCutouts(db: Database, ids: readonly number[]): Cutout[] {
  return ids.flatMap((id) => {
    const row = db.selectObject("SELECT * FROM cutout WHERE id = ?", [id]);
    return row === undefined ? [] : [cutoutOf(db, row)];
  });
}

function cutoutOf(db: Database, row: Row): Cutout {
  return {
    key: row.key as string,
    kind: row.kind as Cutout["kind"],
    title: row.title as string,
    body: row.body as string,
    note: row.note as string,
    address: row.address as string,
    site: row.site as string,
    language: row.language as string,
    anchor: anchorOf(row.anchor),
    asset: row.asset === null ? null : hexOfBytes(row.asset as Uint8Array),
    icon: row.icon === null ? null : hexOfBytes(row.icon as Uint8Array),
    source: readSource(db, Number(row.id)),
    created: Number(row.created),
    changed: Number(row.changed),
    trashed: row.trashed === null ? null : Number(row.trashed),
    tags: tagsOf(db, Number(row.id)),
  };
}

function anchorOf(json: SqlValue | undefined): Anchor | null {
  return typeof json === "string" ? (JSON.parse(json) as Anchor) : null;
}

function jsonOf(anchor: Anchor | null): string | null {
  return anchor === null ? null : JSON.stringify(anchor);
}

/** Return the tags of a cutout: the person's first, then the model's by how sure it was, then those removed. */
export function tagsOf(db: Database, id: number): CutoutTag[] {
  return tagsOfAll(db, [id]).get(id) ?? [];
}

/** Return the tags of each of these cutouts that has any, ordered like those of one. */
export function tagsOfAll(db: Database, ids: readonly number[]): Map<number, CutoutTag[]> {
  const found = rows(
    db,
    `SELECT cutout, name, origin, probability FROM json_each(?) AS listed CROSS JOIN cutout_tag ON cutout = listed.value
     JOIN tag ON tag.id = tag ORDER BY origin = 'removed', origin = 'model', probability DESC, name`,
    [JSON.stringify(ids)],
  ) as [number, string, CutoutTag["origin"], number | null][];
  const tags = new Map<number, CutoutTag[]>();
  for (const [id, name, origin, probability] of found) {
    const tag = { name, origin, probability };
    const others = tags.get(id);
    if (others === undefined) tags.set(id, [tag]);
    else others.push(tag);
  }
  return tags;
}

/** Return the row of a key, or null. */
export function idOf(db: Database, key: string): number | null {
  const id = value(db, "SELECT id FROM cutout WHERE key = ?", [key]);
  return id === undefined ? null : Number(id);
}

function knownId(db: Database, key: string): number {
  const id = idOf(db, key);
  if (id === null) throw new LibraryError(`no cutout has the key ${key}: it was deleted, perhaps in another window`);
  return id;
}

/** What is done later never counts as earlier, even when the clock was set back: copies are united by these times. */
function touch(db: Database, id: number, now: number): void {
  run(db, "UPDATE cutout SET changed = max(changed, ?) WHERE id = ?", [now, id]);
}
