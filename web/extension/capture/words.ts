/** A text goes in, as many of its first or last words as fit come out. */

/** Return at most `most` characters of the beginning, up to a word's end; nothing when the first word is longer. */
export function firstWords(text: string, most: number): string {
  if (text.length <= most) return text;
  const ends = endsOfWords(text.slice(0, most + LOOK));
  return text.slice(0, ends.findLast((end) => end <= most) ?? 0).trimEnd();
}

/** Return at most `most` characters of the end, from a word's beginning; nothing when the last word is longer. */
export function lastWords(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = text.slice(-most - LOOK);
  const from = endsOfWords(tail).find((end) => tail.length - end <= most) ?? tail.length;
  return tail.slice(from).trimStart();
}

const LOOK = 100; // characters that are read beyond, so that a word at the edge is seen whole

/** Where one word or what stands between two ends: by the rules of each script where the browser knows them. */
function endsOfWords(text: string): number[] {
  if (typeof Intl.Segmenter !== "function") return [...text.matchAll(/\s+|$/g)].map(({ index }) => index);
  const words = new Intl.Segmenter(undefined, { granularity: "word" }).segment(text);
  return Array.from(words, ({ index, segment }) => index + segment.length);
}
