/** A file that another app exported goes in, what was saved there comes out row by row; no DOM, no database. */

import { ImportError } from "../errors.ts";
import { pause } from "../pause.ts";
import { readHead, readText } from "./decoding.ts";
import { type Format, formatOfHead, othersOf } from "./formats.ts";
import type { Row } from "./incoming.ts";
import { MAX_JSON_BYTES } from "./json.ts";
import { readable } from "./text.ts";

export { ImportError } from "../errors.ts";
export { isOpenable } from "./addresses.ts";
export { OWN_COLUMNS } from "./columns.ts";
export { FORMATS, type Format, formatOf } from "./formats.ts";
export { guarded } from "./formulas.ts";
export type { Field, Incoming, Kind, Row, Skipped } from "./incoming.ts";
export { Lines, MAX_LINE } from "./lines.ts";
export { cleanLine, cleanText, cutTo, LIMITS, readable, sampleOf } from "./text.ts";

/** Rows between two looks at the signal and at what else waits for this thread. */
const BATCH = 200;

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** What the file is, for a person who knows better than `recognise`. */
  readonly format?: Format;
}

/** Return the format of the file as its first 64 kB show it, whatever it is called; `undefined` for none that is read. */
export async function recognise(file: Blob): Promise<Format | undefined> {
  const head = await readHead(file);
  return formatOfHead(head, head.length > 0 && file.size <= 65_536);
}

/** Yield every row of the file, in its order, as saved thing or as skipped with the reason.
 *
 * Throws `ImportError` for a file that cannot be read or read on, after the rows that could, and the signal's reason.
 */
export async function* readExport(file: Blob, options: ReadOptions = {}): AsyncGenerator<Row, void, undefined> {
  const { signal } = options;
  signal?.throwIfAborted();
  const format = options.format ?? (await known(file));
  if (format.isWhole && file.size > MAX_JSON_BYTES) {
    const [found, most] = [readable(file.size), readable(MAX_JSON_BYTES)];
    throw new ImportError(`the file has ${found} bytes, at most ${most} of JSON are read: export it in parts`);
  }
  let count = 0;
  for await (const rows of batches(file, format, signal)) {
    for (const row of rows) {
      yield row;
      count += 1;
      if (count % BATCH !== 0) continue;
      await pause();
      signal?.throwIfAborted();
    }
  }
}

async function* batches(file: Blob, format: Format, signal?: AbortSignal): AsyncGenerator<Iterable<Row>> {
  const reader = format.reader();
  for await (const text of readText(file, signal)) yield reader.write(text);
  yield reader.end();
}

async function known(file: Blob): Promise<Format> {
  if (file.size === 0) throw new ImportError("the file is empty: export it again");
  const format = await recognise(file);
  if (format !== undefined) return format;
  const other = othersOf(await readHead(file));
  if (other !== undefined) throw new ImportError(`the file is ${other}`);
  throw new ImportError(
    "the file is no export that is known here: expected bookmarks as HTML, or CSV or JSON with a column such as url or text",
  );
}
