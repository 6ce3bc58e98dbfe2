/** What a person can meet and repair; errors cross the worker as values and are thrown again by name. */

/** The library cannot be opened, read or written; its message says what to do. */
export class LibraryError extends Error {
  override name = "LibraryError";
}

/** A file is no export that is known here, is damaged, or is too large; the message says what to do. */
export class ImportError extends Error {
  override name = "ImportError";
}

/** An error as a plain value, for `postMessage`. */
export interface ErrorValue {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** Return the plain value of whatever was thrown; storage that is full is said in the person's words. */
export function errorValue(thrown: unknown): ErrorValue {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack } = isFull(error) ? new LibraryError(FULL) : error;
  return { name, message, stack };
}

/** Return the error that a value stands for. */
export function errorFromValue(value: ErrorValue): Error {
  const known = [LibraryError, ImportError].find(({ name }) => name === value.name);
  const error = new (known ?? Error)(value.message);
  error.name = value.name;
  if (value.stack !== undefined) error.stack = value.stack;
  return error;
}

const FULL = "there is no room left to save on this device: empty the trash, or free some storage, and save again";
const SQLITE_FULL = 13;

/** Return whether the browser's quota or SQLite said that no room is left. */
function isFull(error: Error): boolean {
  const { resultCode } = error as { resultCode?: number };
  const isSqliteFull = resultCode !== undefined && (resultCode & 0xff) === SQLITE_FULL;
  return isSqliteFull || error.name === "QuotaExceededError" || error.message.includes("QuotaExceededError");
}
