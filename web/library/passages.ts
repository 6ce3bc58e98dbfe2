/** A cutout's title and body in, the texts that stand for it by meaning out: one vector each. */

const LONGEST = 1_200; // characters, about 200 words: what a transformer reads of a text
const MOST = 64; // passages of a cutout

/**
 * Return the passages: the title with the beginning of the body, then the rest of the body in pieces that end between
 * words, or anywhere in scripts that put no spaces. A cutout without words has none.
 */
export function passagesOf(title: string, body: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start < body.length && pieces.length < MOST) {
    const end = endOf(body, start);
    pieces.push(body.slice(start, end).trim());
    start = end;
  }
  const [first = "", ...others] = pieces;
  return [`${title}\n${first}`.trim(), ...others].filter((text) => text !== "");
}

function endOf(body: string, start: number): number {
  const end = start + LONGEST;
  if (end >= body.length) return body.length;
  for (let place = end; place > start + LONGEST / 2; place--) if (/\s/.test(body.charAt(place))) return place;
  return isInsidePair(body, end) ? end - 1 : end;
}

/** Return whether a cut there would part the two halves of one character. */
function isInsidePair(body: string, place: number): boolean {
  const code = body.charCodeAt(place);
  return code >= 0xdc00 && code <= 0xdfff;
}
