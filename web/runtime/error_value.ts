/** Whatever was thrown goes in, a plain value that crosses to another worker comes out; and back. */

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

/** Classes of errors by name: a class forgets its own when scripts are made small. */
export type ErrorKinds = Readonly<Record<string, new (message: string) => Error>>;

/** Return the error that a value stands for, of the one of these `kinds` that its name says. */
export function errorOfKind(value: ErrorValue, kinds: ErrorKinds): Error {
  const known = Object.hasOwn(kinds, value.name) ? kinds[value.name] : undefined;
  const error = new (known ?? Error)(value.message);
  error.name = value.name;
  if (value.stack !== undefined) error.stack = value.stack;
  return error;
}
