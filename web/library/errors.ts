/** What a person can meet and repair in the library: a file that cannot be read. */

/** A file is no export that is known here, is damaged, or is too large; the message says what to do. */
export class ImportError extends Error {
  override name = "ImportError";
}
