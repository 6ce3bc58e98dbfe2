/**
 * Text goes in; it comes out without white space and in lower case, as passages are compared. How a page breaks its
 * lines, where its blocks end and what its styles turn into capitals then makes no difference.
 */

/** White space, and what is drawn only where a line ends, if at all. */
const BETWEEN = /[\s\u00ad\u200b\u2060]+/g;

/** Return the text without white space, in lower case, each other character still one. */
export function squeezed(text: string): string {
  // The capital İ has two characters in lower case, and a Σ depends on what stands beside it.
  return text.replace(BETWEEN, "").replaceAll("\u0130", "i").toLowerCase().replaceAll("ς", "σ");
}

/** Whether `squeezed` leaves a character out. */
export function isBetween(code: number): boolean {
  if (code > 32 && code < 160) return false;
  return code <= 32
    ? code === 32 || (code >= 9 && code <= 13)
    : /[\s\u00ad\u200b\u2060]/.test(String.fromCharCode(code));
}
