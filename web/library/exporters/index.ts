/** An open library goes in, a file for others to read comes out, made piece by piece; no DOM. */

import type { Place } from "../database.ts";
import { LibraryError } from "../errors.ts";
import type { Recorder } from "../undo.ts";
import { archive } from "./archive.ts";
import { bookmarks } from "./bookmarks.ts";
import { csv } from "./csv.ts";
import { database } from "./database.ts";
import { markdown } from "./markdown.ts";
import { Walk } from "./walk.ts";

/** The formats: the database itself, all of it as a zip, bookmarks as HTML, Markdown files in a zip, a table. */
export type ExportFormat = "database" | "zip" | "bookmarks" | "markdown" | "csv";

/** A library to take something out of, and where its files are. */
export interface Source extends Recorder {
  readonly place: Place & {
    /** Return the bytes of a file. */
    read(name: string): Promise<Uint8Array>;
  };
}

/** What is to be taken out. */
export interface Wanted {
  readonly format: ExportFormat;
  /** The cutouts, or null for the whole library. */
  readonly keys: readonly string[] | null;
}

/** What was taken out; `cutouts + leftOut` is all that was asked for. */
export interface Exported {
  readonly file: Blob;
  /** A name for the file, with the day in it. */
  readonly name: string;
  readonly cutouts: number;
  /** Those in the trash, which only the database and the zip hold; for bookmarks, those that no address leads to. */
  readonly leftOut: number;
}

export interface ExportOptions {
  readonly signal?: AbortSignal;
  /** Told how many cutouts were looked at. */
  readonly onRows?: (rows: number) => void;
}

interface Format {
  readonly type: string;
  /** What stands around the day in a file's name. */
  readonly name: readonly [string, string];
  readonly withTrash: boolean;
  readonly write: (from: Source, walk: Walk) => AsyncGenerator<string | Uint8Array, void, undefined>;
}

const FORMATS: Readonly<Record<ExportFormat, Format>> = {
  database: {
    type: "application/vnd.sqlite3",
    name: ["cutouts", ".sqlite"],
    withTrash: true,
    write: database,
  },
  zip: {
    type: "application/zip",
    name: ["cutouts", ".zip"],
    withTrash: true,
    write: ({ db, now }, walk) => archive(db, walk, now()),
  },
  bookmarks: {
    type: "text/html",
    name: ["cutouts-bookmarks", ".html"],
    withTrash: false,
    write: (_, walk) => bookmarks(walk),
  },
  markdown: {
    type: "application/zip",
    name: ["cutouts-markdown", ".zip"],
    withTrash: false,
    write: ({ now }, walk) => markdown(walk, now()),
  },
  csv: { type: "text/csv", name: ["cutouts", ".csv"], withTrash: false, write: (_, walk) => csv(walk) },
};

const PART = 1 << 20; // bytes or characters that are put together before the browser is given them to keep

/** Return the file; raise LibraryError for a format that is not known, and the signal's reason. */
export async function exportFile(
  from: Source,
  { format, keys }: Wanted,
  { signal, onRows }: ExportOptions = {},
): Promise<Exported> {
  if (!Object.hasOwn(FORMATS, format))
    throw new LibraryError(`${format} is no format to export to: expected ${Object.keys(FORMATS).join(", ")}`);
  const { type, name, withTrash, write } = FORMATS[format];
  const walk = new Walk(from.db, keys, { withTrash, signal, onRows });
  const file = await blobOf(write(from, walk), type);
  signal?.throwIfAborted();
  const day = new Date(from.now()).toISOString().slice(0, 10);
  return { file, name: `${name[0]}-${day}${name[1]}`, cutouts: walk.cutouts, leftOut: walk.leftOut };
}

/** Put pieces together as they come: a browser may keep a blob on disk, but not a list of pieces. */
async function blobOf(pieces: AsyncIterable<string | Uint8Array>, type: string): Promise<Blob> {
  const parts: Blob[] = [];
  let [waiting, length]: [BlobPart[], number] = [[], 0];
  const put = () => {
    parts.push(new Blob(waiting));
    [waiting, length] = [[], 0];
  };
  for await (const piece of pieces) {
    waiting.push(piece as BlobPart); // as: its buffer is this thread's own
    length += piece.length;
    if (length >= PART) put();
  }
  put();
  return new Blob(parts, { type });
}
