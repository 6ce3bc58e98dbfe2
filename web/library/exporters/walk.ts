/** Keys go in, or null for all that a library holds; its cutouts come out one by one, and how many there were. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { pause } from "../pause.ts";
import { type CutoutRecord, Records } from "../record.ts";

const AT_ONCE = 200; // cutouts between two looks at the signal and at what else waits for this thread
const TEXT_AT_ONCE = 1 << 21; // characters of them, where they are long

export interface WalkOptions {
  /** Cutouts in the trash are counted as left out, unless they are asked for. */
  readonly withTrash: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told how many cutouts were looked at. */
  readonly onRows?: ((rows: number) => void) | undefined;
}

/** A walk over cutouts in the order in which they were added. */
export class Walk {
  private readonly db: Database;
  private readonly keys: readonly string[] | null;
  private readonly options: WalkOptions;
  private readonly ids: readonly number[];
  private readonly gone: number;
  private left = 0;

  constructor(db: Database, keys: readonly string[] | null, options: WalkOptions) {
    this.db = db;
    this.keys = keys;
    this.options = options;
    const trash = options.withTrash ? "" : "AND trashed IS NULL";
    this.ids = db
      .selectValues(
        `SELECT id FROM cutout WHERE (?1 IS NULL OR key IN (SELECT value FROM json_each(?1))) ${trash} ORDER BY id`,
        [keys === null ? null : JSON.stringify(keys)],
      )
      .map(Number);
    const asked = keys === null ? Number(db.selectValue("SELECT count(*) FROM cutout")) : new Set(keys).size;
    this.gone = asked - this.ids.length;
  }

  get isWhole(): boolean {
    return this.keys === null;
  }

  /** How many cutouts of those that were asked for are in the file. */
  get cutouts(): number {
    return this.ids.length - this.left;
  }

  /** How many are not: those in the trash, those that are gone, and those that the format left out. */
  get leftOut(): number {
    return this.gone + this.left;
  }

  /** Note that the format has no place for a cutout. */
  leave(): void {
    this.left += 1;
  }

  /** Yield every cutout; one that was deleted meanwhile is left out. Throws the signal's reason. */
  async *records(): AsyncGenerator<CutoutRecord, void, undefined> {
    const { signal, onRows } = this.options;
    signal?.throwIfAborted();
    const records = new Records(this.db);
    try {
      let length = 0;
      for (const [index, id] of this.ids.entries()) {
        const record = records.get(id);
        if (record === null) this.leave();
        else {
          length += record.body.length + record.note.length;
          yield record;
        }
        if ((index + 1) % AT_ONCE !== 0 && length < TEXT_AT_ONCE) continue;
        length = 0;
        onRows?.(index + 1);
        await this.rest();
      }
    } finally {
      records.close();
    }
    onRows?.(this.ids.length);
  }

  /** Let the thread do what else waits. Throws the signal's reason. */
  async rest(): Promise<void> {
    await pause();
    this.options.signal?.throwIfAborted();
  }
}

/** Return the tags that the person gave; what a model proposed would come back as the person's. */
export function givenTags({ tags }: CutoutRecord): string[] {
  return tags.filter(({ origin }) => origin === "person").map(({ name }) => name);
}

/**
 * Return tags as one text, parted by commas. A comma within one becomes a wide one, which is the same tag to a library.
 */
export function tagList(record: CutoutRecord): string {
  const list = givenTags(record)
    .map((name) => name.replaceAll(",", "，"))
    .join(",");
  // A list in brackets is one as Python writes it, to whoever reads it.
  return list.startsWith("[") && list.endsWith("]") ? `${list},` : list;
}
