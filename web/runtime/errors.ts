/** What a visitor or a site's owner can meet and repair; errors cross the worker as values and are thrown again by name. */

import { type ErrorValue, errorOfKind } from "./error_value.ts";

export { type ErrorValue, errorValue } from "./error_value.ts";

/** The bundle is damaged, incomplete, of a newer format, or answers differently here than in Python. */
export class BundleError extends Error {
  override name = "BundleError";
}

/** A file could not be fetched; what was received is kept and the next load continues. */
export class NetworkError extends Error {
  override name = "NetworkError";
}

/** The browser or the page lacks something that cannot be done without. */
export class BrowserError extends Error {
  override name = "BrowserError";
}

/** Return the error that a value stands for, of the class that its name says. */
export function errorFromValue(value: ErrorValue): Error {
  if (value.name === "AbortError") return new DOMException(value.message, value.name);
  return errorOfKind(value, { BundleError, NetworkError, BrowserError });
}
