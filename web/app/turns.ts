/** A text of a stranger goes in, the same comes out without the marks that would turn around what stands beside it. */

/** Return a text for the middle of a sentence; `bdi` alone would not do, since a mark in the text can end it. */
export function withoutTurns(text: string): string {
  return text.replace(/[\u202A-\u202E\u2066-\u2069]/g, "");
}
