/** Bytes go in, a size for people comes out. */

/** Return the size in kB or MB, of a thousand each; the space in it does not break. */
export function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)}\u00a0kB` : `${(bytes / 1e6).toFixed(1)}\u00a0MB`;
}
