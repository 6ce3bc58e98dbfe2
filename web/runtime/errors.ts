/** What a visitor or a site's owner can meet and repair; errors cross the worker as values and are thrown again by name. */

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

/** An error as a plain value, for `postMessage`. */
export interface ErrorValue {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** Return the plain value of whatever was thrown. */
export function errorValue(thrown: unknown): ErrorValue {
  if (thrown instanceof Error || thrown instanceof DOMException) {
    return { name: thrown.name, message: thrown.message, stack: thrown.stack };
  }
  return { name: "Error", message: String(thrown), stack: undefined };
}

/** Return the error that a value stands for, of the class that its name says. */
export function errorFromValue(value: ErrorValue): Error {
  if (value.name === "AbortError") return new DOMException(value.message, value.name);
  const known = [BundleError, NetworkError, BrowserError].find((kind) => kind.name === value.name);
  const error = new (known ?? Error)(value.message);
  error.name = value.name;
  if (value.stack !== undefined) error.stack = value.stack;
  return error;
}
