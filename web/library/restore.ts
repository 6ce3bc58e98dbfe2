/** Records of another library go in; they are put into the open one, or united with what is there. */

import type { Database, SqlValue } from "@sqlite.org/sqlite-wasm";
import { bytesOfHex } from "./asset.ts";
import type { Asset } from "./protocol.ts";
import type { CutoutRecord, ModelRecord, RecordImage, RecordTag } from "./record.ts";
import { idOf } from "./shelf.ts";
import { siteOf } from "./site.ts";
import { SOURCE_LIMITS } from "./source.ts";
import { run, value } from "./statements.ts";
import { putSource } from "./stored_source.ts";
import { tagId } from "./tags.ts";
import { titleHash } from "./title.ts";

/** What a copy holds beside its cutouts. */
export interface Vocabulary {
  /** Names of tags, those that no cutout has too. */
  readonly tags: readonly string[];
  readonly models: readonly ModelRecord[];
}

/** What became of a record: it was not there, or it was and has changed, or it was and is the same. */
export type Restored = "added" | "newer" | "united" | "same";

/** Add tags and models that are not there. A model that comes along is older than those that read here. */
export function restoreVocabulary(db: Database, { tags, models }: Vocabulary): void {
  for (const name of tags) tagId(db, name);
  const newest = db.selectValue("SELECT max(at) FROM model");
  for (const { sha256, name, space, at } of models)
    db.exec("INSERT INTO model (sha256, name, space, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", {
      // The newest model reads next; were it another than yesterday, every cutout would be read again.
      bind: [sha256, name, space, newest === null ? at : Math.min(at, Number(newest) - 1)],
    });
}

/** Return whether the image is in the library, with at most so many bytes. */
export function isKept(db: Database, sha256: string, most: number = Number.MAX_SAFE_INTEGER): boolean {
  const sql = "SELECT 1 FROM asset WHERE sha256 = ? AND length(bytes) <= ?";
  return value(db, sql, [bytesOfHex(sha256), most]) !== undefined;
}

const MOST_LETTERS = 4_000_000; // of records that wait, which are twice in memory when they are written

/**
 * Puts records into a library, those that are new together: before each statement full text writes down what the one
 * before gave it, so a statement for each cutout takes twice as long.
 */
export class Restoration {
  private readonly db: Database;
  private waiting = new Map<string, CutoutRecord>();
  private letters = 0;

  constructor(db: Database) {
    this.db = db;
  }

  /**
   * Put a record into the library, by `finish` at the latest. Where its key is there already, the one that was changed
   * later wins, and the tags of both are united. An image that is neither given nor there is left out.
   */
  add(record: CutoutRecord, { asset = null, icon = null }: Images = {}): Restored {
    const { db } = this;
    putImage(db, record.asset, asset);
    putImage(db, record.icon, icon);
    if (this.waiting.has(record.key)) this.finish();
    const known = idOf(db, record.key);
    if (known !== null) {
      this.finish(); // tags are made in the order of the records
      return renew(db, known, record);
    }
    this.waiting.set(record.key, record);
    this.letters += record.title.length + record.body.length + record.note.length + (record.source?.html.length ?? 0);
    if (this.letters > MOST_LETTERS) this.finish();
    return "added";
  }

  /** Write what waits. */
  finish(): void {
    if (this.waiting.size === 0) return;
    const { db } = this;
    const before = Number(value(db, "SELECT coalesce(max(id), 0) FROM cutout"));
    const records = [...this.waiting.values()];
    const rows = records.map((record, index) => {
      const id = before + 1 + index;
      // Tags first: full text then takes the cutout in once, not once more for each tag.
      for (const tag of record.tags) unite(db, id, tag);
      return JSON.stringify(
        [id, record.key, batchId(db, record.batch), record.created, ...fieldsOf(db, record)].map(wellFormed),
      );
    });
    this.waiting = new Map();
    this.letters = 0;
    run(db, INSERT, [`[${rows.join()}]`]);
    records.forEach(({ source }, index) => {
      putSource(db, before + 1 + index, source);
    });
  }
}

/** What a record names and does not hold, unless it is there already, or is not to be had. */
export interface Images {
  readonly asset?: Asset | null;
  readonly icon?: Asset | null;
}

function putImage(db: Database, named: RecordImage | null, image: Asset | null): void {
  if (named === null || image === null) return;
  run(db, "INSERT INTO asset (sha256, type, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [
    ...[bytesOfHex(named.sha256), image.type, image.bytes],
  ]);
}

/** Put a single record into the library; see `Restoration`. */
export function restoreRecord(db: Database, record: CutoutRecord, images: Images = {}): Restored {
  const restoration = new Restoration(db);
  const restored = restoration.add(record, images);
  restoration.finish();
  return restored;
}

/** Return a value as SQLite would take it by itself: a text as UTF-8, without halves of letters. */
function wellFormed(one: SqlValue): SqlValue {
  return typeof one === "string" ? one.toWellFormed() : one;
}

const COLUMNS = [
  ...["id", "key", "batch", "created", "kind", "title", "body", "note", "address", "site", "language", "anchor"],
  ...["asset", "icon", "changed", "trashed", "title_hash"],
];
const VALUES = COLUMNS.map(
  (name, place) => (["asset", "icon"].includes(name) ? `unhex(value ->> ${place})` : `value ->> ${place}`), // JSON has no bytes
);
const INSERT = `INSERT INTO cutout (${COLUMNS.join(", ")}, tags)
  SELECT ${VALUES.join(", ")}, coalesce((SELECT names FROM tag_names WHERE cutout = value ->> 0), '') FROM json_each(?)`;

/** Make a cutout what the record is, if that was changed later; return what became of it. */
function renew(db: Database, known: number, record: CutoutRecord): Restored {
  const isNewer = record.changed > Number(value(db, "SELECT changed FROM cutout WHERE id = ?", [known]));
  if (isNewer) {
    update(db, known, record);
    putSource(db, known, record.source);
  }
  const before = db.changes(true);
  // What a model proposed is for the model that reads here to propose again.
  for (const tag of record.tags) if (tag.origin !== "model") unite(db, known, tag);
  if (isNewer) return "newer";
  return db.changes(true) > before ? "united" : "same";
}

function update(db: Database, id: number, record: CutoutRecord): void {
  run(
    db,
    `UPDATE cutout SET kind = ?2, title = ?, body = ?, note = ?, address = ?, site = ?,
     language = coalesce(nullif(?, ''), language), anchor = ?, asset = coalesce(unhex(?), asset),
     icon = coalesce(unhex(?), icon), changed = ?, trashed = ?, title_hash = ? WHERE id = ?1`,
    [id, ...fieldsOf(db, record)],
  );
}

/** Return what may differ between two copies of a cutout. */
function fieldsOf(db: Database, record: CutoutRecord) {
  const { kind, title, body, note, address, language, anchor, asset, icon, changed, trashed } = record;
  return [
    ...[kind, title, body, note, address, siteOf(address), language],
    anchor === null ? null : JSON.stringify(anchor),
    asset === null || !isKept(db, asset.sha256) ? null : asset.sha256,
    icon === null || !isKept(db, icon.sha256, SOURCE_LIMITS.icon) ? null : icon.sha256,
    ...[changed, trashed, titleHash(title)],
  ];
}

/** Give a tag as the copy says; where it was given or removed here too, what the person did last counts. */
function unite(db: Database, id: number, { name, origin, model, probability, at }: RecordTag): void {
  run(
    db,
    `INSERT INTO cutout_tag (cutout, tag, origin, model, probability, at)
     VALUES (?, ?, ?, (SELECT id FROM model WHERE sha256 = ?), ?, ?)
     ON CONFLICT DO UPDATE SET origin = excluded.origin, model = excluded.model, probability = excluded.probability,
       at = excluded.at
     WHERE excluded.origin <> 'model' AND (origin = 'model' OR excluded.at > at
       OR (excluded.at = at AND excluded.origin = 'person' AND origin = 'removed'))`,
    [id, tagId(db, name), origin, model, probability, at],
  );
}

function batchId(db: Database, batch: CutoutRecord["batch"]): number | null {
  if (batch === null) return null;
  const bind = [batch.source, batch.at];
  const known = value(db, "SELECT id FROM batch WHERE source = ? AND at = ?", bind);
  if (known !== undefined) return Number(known);
  run(db, "INSERT INTO batch (source, at) VALUES (?, ?)", bind);
  return Number(value(db, "SELECT last_insert_rowid()"));
}
