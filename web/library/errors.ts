/** What a person can meet and repair; errors cross the worker as values and are thrown again by name. */

/** The library cannot be opened, read or written; its message says what to do. */
export class LibraryError extends Error {
  override name = "LibraryError";
}
