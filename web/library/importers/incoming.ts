/** What a reader gives for each row of a file: the saved thing, cleaned, or why there is none. */

import type { Anchor, Kind } from "../cutout.ts";

export type { Kind };

/** A field that may have lost something on the way in. */
export type Field = "title" | "body" | "note" | "address" | "tags";

/** One saved thing as a file describes it, cleaned: plain text only, never HTML. */
export interface Incoming {
  /** Its place in the file, from 1: the item, or the line in a format of lines. */
  readonly row: number;
  /** `page` for an address, `video` for that of a moment and `text` for words alone, unless the file says otherwise. */
  readonly kind: Kind;
  readonly title: string;
  /** The saved passage, or the page's text if the file holds it. */
  readonly body: string;
  /** What the person wrote about it. */
  readonly note: string;
  /** Absolute, or empty. */
  readonly address: string;
  /** The passage or the moment that was saved, where the file or the address says which. */
  readonly anchor?: Anchor;
  /** Folders from the outermost in, then tags, in the file's order and each once. */
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly created: number | null;
  /** Of title and body, where the file says it as browsers do. */
  readonly language?: string;
  /** Whether the person had thrown it away; archived is not thrown away. */
  readonly isTrashed: boolean;
  /** The fields of which something was left out: over a limit of `LIMITS`, or no address that can be opened. */
  readonly cut?: readonly Field[];
}

/** A row that gives nothing, and why; nothing is left out without one. */
export interface Skipped {
  readonly row: number;
  readonly why: string;
  /** At most 80 characters of the row. */
  readonly sample: string;
}

export type Row = Incoming | Skipped;

/** Text of a file goes in piece by piece, rows come out as soon as they are whole. */
export interface RowReader {
  /** Return the rows that this piece completes. */
  write(text: string): Iterable<Row>;
  /** Return the rows that the end of the file completes. */
  end(): Iterable<Row>;
}
