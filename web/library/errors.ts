/** What a person can meet and repair; errors cross the worker as values and are thrown again by name. */

import { type ErrorValue, errorOfKind, errorValue as plainValue } from "../runtime/error_value.ts";

export type { ErrorValue } from "../runtime/error_value.ts";

/** The library cannot be opened, read or written; its message says what to do. */
export class LibraryError extends Error {
  override name = "LibraryError";
}

/** The library's file was found damaged and is set aside; what can be read of it can be brought back. */
export class DamagedError extends LibraryError {
  constructor() {
    super(
      "the library’s file was damaged and is set aside as it is: “Your data” brings back what can be read, or saves the file",
    );
  }
}

/** A file is no export that is known here, is damaged, or is too large; the message says what to do. */
export class ImportError extends Error {
  override name = "ImportError";
}

/** Return the plain value of whatever was thrown; storage that is full is said in the person's words. */
export function errorValue(thrown: unknown): ErrorValue {
  return plainValue(thrown instanceof Error && isFull(thrown) ? new LibraryError(NO_ROOM) : thrown);
}

/** Return the error that a value stands for, of the class that its name says. */
export function errorFromValue(value: ErrorValue): Error {
  return errorOfKind(value, { LibraryError, ImportError });
}

export const NO_ROOM =
  "there is no room left to save on this device: empty the trash, or free some storage, and save again";
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
let isShort = false;

/** Note what the browser's storage said of a write that failed: SQLite itself only says that it did. */
export function noteFault(fault: unknown): void {
  const { name, message } = fault instanceof Error ? fault : { name: "", message: "" };
  // At its quota Chromium writes a part of what it was given, and sqlite-wasm calls that an unknown failure.
  if (name === "QuotaExceededError" || message.includes("Unknown write() failure")) isShort = true;
}

/** Return whether the browser's quota, the device or SQLite said that no room is left. */
export function isFull(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { resultCode } = thrown as { resultCode?: number };
  const code = (resultCode ?? 0) & 0xff;
  const isShortWrite = code === SQLITE_IOERR && isShort;
  isShort = false;
  const isQuota = thrown.name === "QuotaExceededError" || /QuotaExceededError|storage quota/.test(thrown.message);
  return code === SQLITE_FULL || isShortWrite || isQuota;
}
