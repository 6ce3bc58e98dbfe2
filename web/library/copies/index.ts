/** A file goes in; the library that was taken out into it comes out, or null when it is another kind of file. */

import type { Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import { openArchive } from "./archive.ts";
import type { Copy } from "./copy.ts";
import { openLibraryFile } from "./database.ts";
import { openLines } from "./lone.ts";
import { openZip, ZIP_LIMITS, type ZipLimits } from "./unzip.ts";

export { ARCHIVE } from "./archive.ts";
export type { Copy, CopyRow, Returned } from "./copy.ts";

/** Return the library in a file, recognised by its content; raise ImportError for a library that cannot be read. */
export async function openCopy(
  sqlite: Sqlite3Static,
  file: Blob,
  limits: ZipLimits = ZIP_LIMITS,
): Promise<Copy | null> {
  const zip = await openZip(file, limits);
  if (zip !== null) return await openArchive(zip);
  return (await openLibraryFile(sqlite, file)) ?? (await openLines(file));
}
