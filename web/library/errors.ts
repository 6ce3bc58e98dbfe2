/** What a person can meet and repair; errors cross the worker as values and are thrown again by name. */

import { type ErrorValue, errorOfKind, errorValue as plainValue } from "../runtime/error_value.ts";

export type { ErrorValue } from "../runtime/error_value.ts";

/** The library cannot be opened, read or written; its message says what to do. */
export class LibraryError extends Error {
  override name = "LibraryError";
}

/** A file is no export that is known here, is damaged, or is too large; the message says what to do. */
export class ImportError extends Error {
  override name = "ImportError";
}

/** Return the plain value of whatever was thrown; storage that is full is said in the person's words. */
export function errorValue(thrown: unknown): ErrorValue {
  return plainValue(thrown instanceof Error && isFull(thrown) ? new LibraryError(FULL) : thrown);
}

/** Return the error that a value stands for, of the class that its name says. */
export function errorFromValue(value: ErrorValue): Error {
  return errorOfKind(value, { LibraryError, ImportError });
}

const FULL = "there is no room left to save on this device: empty the trash, or free some storage, and save again";
const SQLITE_FULL = 13;

/** Return whether the browser's quota or SQLite said that no room is left. */
function isFull(error: Error): boolean {
  const { resultCode } = error as { resultCode?: number };
  const isSqliteFull = resultCode !== undefined && (resultCode & 0xff) === SQLITE_FULL;
  return isSqliteFull || error.name === "QuotaExceededError" || error.message.includes("QuotaExceededError");
}
