/** Milliseconds since 1970 go in, a moment that a person and a parser read comes out. */

/** Return the moment as ISO 8601 in UTC; nothing for one that no calendar has. */
export function isoOf(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : "";
}
