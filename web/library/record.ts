/** A row of a database goes in, all that a library knows of the cutout comes out as one object; and back, checked. */

import type { Database, PreparedStatement, SqlValue } from "@sqlite.org/sqlite-wasm";
import { checkedAnchor } from "./anchor.ts";
import { hexOfBytes } from "./asset.ts";
import { type Anchor, type Cutout, KINDS, type Kind, type Origin, type PageSource } from "./cutout.ts";
import { checkedSource, isIconType, languageOf } from "./source.ts";

/** A tag of a cutout, with who gave it. */
export interface RecordTag {
  readonly name: string;
  readonly origin: Origin;
  readonly probability: number | null;
  /** The hash of the model that proposed it, or null. */
  readonly model: string | null;
  readonly at: number;
}

/** An image of a cutout, whose bytes are elsewhere. */
export interface RecordImage {
  readonly sha256: string;
  readonly type: string;
}

/** A cutout with everything that is not made anew from it: a line of `cutouts.jsonl`. */
export interface CutoutRecord extends Omit<Cutout, "site" | "asset" | "icon" | "tags"> {
  readonly asset: RecordImage | null;
  readonly icon: RecordImage | null;
  /** The import that it came with, or null. */
  readonly batch: { readonly source: string; readonly at: number } | null;
  readonly tags: readonly RecordTag[];
}

/** A model that proposed tags. */
export interface ModelRecord {
  readonly sha256: string;
  readonly name: string;
  readonly space: string;
  readonly at: number;
}

const ROW = `SELECT cutout.*, asset.type AS asset_type, icon.type AS icon_type, batch.source AS batch_source,
  batch.at AS batch_at FROM cutout LEFT JOIN asset ON asset.sha256 = cutout.asset
  LEFT JOIN asset AS icon ON icon.sha256 = cutout.icon LEFT JOIN batch ON batch.id = cutout.batch WHERE cutout.id = ?`;
const SOURCE = 'SELECT html, description, icon_address AS "iconAddress" FROM source WHERE cutout = ?';
const TAGS = `SELECT tag.name, origin, probability, model.sha256 AS model, cutout_tag.at FROM cutout_tag
  JOIN tag ON tag.id = tag LEFT JOIN model ON model.id = model WHERE cutout = ? ORDER BY tag.id`;

/** Parts of a record that stand in tables of their own. */
export type RecordPart = "source" | "tags";

/** Reads records; its statements are prepared once, which is most of the time that one takes. */
export class Records {
  private readonly row: PreparedStatement;
  private readonly source: PreparedStatement;
  private readonly tags: PreparedStatement;

  constructor(db: Database) {
    this.row = db.prepare(ROW);
    this.source = db.prepare(SOURCE);
    this.tags = db.prepare(TAGS);
  }

  /** Return the record of a row, or null when there is none; in a file of a stranger, any value may be of any type. */
  get(id: number, without: readonly RecordPart[] = []): CutoutRecord | null {
    const [row] = rowsOf(this.row, id);
    if (row === undefined) return null;
    const { key, kind, title, body, note, address, language, anchor, asset, icon, batch_source } = row;
    const made: Record<keyof CutoutRecord, unknown> = {
      ...{ key, kind, title, body, note, address, language },
      anchor: typeof anchor === "string" ? parsed(anchor) : null,
      asset: asset instanceof Uint8Array ? { sha256: hexOfBytes(asset), type: row.asset_type } : null,
      icon: icon instanceof Uint8Array ? { sha256: hexOfBytes(icon), type: row.icon_type } : null,
      source: without.includes("source") ? null : (rowsOf(this.source, id)[0] ?? null),
      batch: batch_source === null ? null : { source: batch_source, at: number(row.batch_at) },
      created: number(row.created),
      changed: number(row.changed),
      trashed: number(row.trashed),
      tags: (without.includes("tags") ? [] : rowsOf(this.tags, id)).map((tag) => ({ ...tag, at: number(tag.at) })),
    };
    return made as unknown as CutoutRecord; // as the schema's own checks keep it
  }

  /** Let go of the database. */
  close(): void {
    this.row.finalize();
    this.source.finalize();
    this.tags.finalize();
  }
}

function rowsOf(statement: PreparedStatement, id: number): Record<string, SqlValue>[] {
  try {
    statement.bind([id]);
    const rows: Record<string, SqlValue>[] = [];
    while (statement.step()) rows.push(statement.get({}));
    return rows;
  } finally {
    statement.reset(true);
  }
}

function number(value: SqlValue | undefined): SqlValue | undefined {
  return typeof value === "bigint" ? Number(value) : value;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

/** A record that was checked, and the parts of it that could not be kept. */
export interface Checked {
  readonly record: CutoutRecord;
  readonly cut: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const MOST_TAGS = 1000;
const LATEST = 8.64e15; // of what a Date can be

/** Return the record that a stranger's value is, or why it is none. Its parts are kept as they are, or not at all. */
export function checkedRecord(value: unknown): Checked | string {
  const fields = fieldsOf(value);
  if (fields === null) return "it is no object with fields";
  const { key, kind, title = "", body = "", note = "", address = "", created, changed = created } = fields;
  if (typeof key !== "string" || key === "" || key.length > 1000) return "it has no key of 1 to 1,000 characters";
  if (!KINDS.includes(kind as Kind)) return `its kind is none of ${KINDS.join(", ")}`;
  const texts = { title, body, note, address };
  const odd = Object.entries(texts).find(([, text]) => typeof text !== "string");
  if (odd !== undefined) return `its ${odd[0]} is no text`;
  if (!isTime(created) || !isTime(changed)) return "it does not say when it was saved, in milliseconds since 1970";
  const cut = new Set<string>();
  const record = {
    ...{ key, kind, ...texts, created, changed },
    address: harmless(address as string, cut),
    language: languageIn(fields.language, cut),
    anchor: anchorOf(fields.anchor, cut),
    asset: assetOf(fields.asset, cut),
    icon: iconOf(fields.icon, cut),
    source: sourceOf(fields.source, cut),
    batch: batchOf(fields.batch),
    trashed: isTime(fields.trashed) ? fields.trashed : null,
    tags: tagsOf(fields.tags, cut),
  };
  return { record: record as CutoutRecord, cut: [...cut] }; // each field was looked at above
}

/** Return the model that a stranger's value is, or null. */
export function checkedModel(value: unknown): ModelRecord | null {
  const { sha256, name, space, at } = fieldsOf(value) ?? {};
  const isText = [sha256, name, space].every((text) => typeof text === "string" && text.length <= 1000);
  return isText && isTime(at) ? ({ sha256, name, space, at } as ModelRecord) : null;
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Math.abs(value as number) <= LATEST;
}

/** An address is opened by a click, so one that runs something, or holds the thing itself, is not kept. */
function harmless(address: string, cut: Set<string>): string {
  if (address === "" || (URL.canParse(address) && !RUNS.has(new URL(address).protocol))) return address;
  cut.add("address");
  return "";
}
const RUNS = new Set(["javascript:", "vbscript:", "data:", "blob:", "filesystem:"]);

function anchorOf(value: unknown, cut: Set<string>): Anchor | null {
  const { anchor, isCut } = checkedAnchor(value);
  if (isCut) cut.add("anchor");
  return anchor;
}

function languageIn(value: unknown, cut: Set<string>): string {
  const language = languageOf(value);
  if (language === "" && value !== undefined && value !== "") cut.add("language");
  return language;
}

function sourceOf(value: unknown, cut: Set<string>): PageSource | null {
  const checked = checkedSource(value);
  for (const part of checked.cut) cut.add(part);
  return checked.source;
}

function iconOf(value: unknown, cut: Set<string>): RecordImage | null {
  const { sha256, type } = fieldsOf(value) ?? {};
  if (typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256) && isIconType(type)) return { sha256, type };
  if (value !== null && value !== undefined) cut.add("icon");
  return null;
}

function assetOf(value: unknown, cut: Set<string>): CutoutRecord["asset"] {
  if (value === null || value === undefined) return null;
  const { sha256, type } = fieldsOf(value) ?? {};
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) {
    cut.add("image (it has no hash)");
    return null;
  }
  // What is shown as an image does not run; a page of a stranger, kept under this app's address, would.
  const isMedia = typeof type === "string" && /^(?:image|video|audio)\/[\w.+-]{1,80}$/.test(type);
  return { sha256, type: isMedia ? type : "application/octet-stream" };
}

function batchOf(value: unknown): CutoutRecord["batch"] {
  const { source, at } = fieldsOf(value) ?? {};
  return typeof source === "string" && source.length <= 1000 && isTime(at) ? { source, at } : null;
}

function tagsOf(value: unknown, cut: Set<string>): RecordTag[] {
  if (value === undefined) return [];
  const listed: readonly unknown[] = Array.isArray(value) ? value.slice(0, MOST_TAGS) : [];
  const kept = listed.flatMap((item) => tagOf(fieldsOf(item) ?? {}));
  if (!Array.isArray(value) || kept.length < value.length) cut.add("tags");
  return kept;
}

function tagOf({ name, origin, probability = null, model = null, at }: Fields): RecordTag | [] {
  const isNamed = typeof name === "string" && /[^\p{Cc}\s]/u.test(name);
  const isGiven = ["person", "model", "removed"].includes(origin as string) && isTime(at);
  if (!isNamed || !isGiven) return [];
  const isSure = typeof probability === "number" && probability >= 0 && probability <= 1;
  return {
    name,
    origin: origin as Origin,
    probability: isSure ? probability : null,
    model: typeof model === "string" ? model : null,
    at,
  };
}
