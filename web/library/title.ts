/** A title or what was typed goes in; out comes what two titles are compared by, and a number of that for an index. */

import { plain } from "./search/stems.ts";

/** Return a text without capitals, accents and quotes, parted by single spaces. */
export function titleLine(text: string): string {
  return plain(text)
    .replace(/[\s"]+/g, " ")
    .trim();
}

/**
 * Return the number under which a title is found, as `cutout.title_hash` has it: that of its line, FNV-1a over UTF-16 in
 * 32 bits with a sign. Without a letter or digit there is none. Titles of one number may differ, so compare them too.
 */
export function titleHash(title: string): number | null {
  const line = titleLine(title);
  if (!/[\p{L}\p{N}]/u.test(line)) return null;
  let hash = OFFSET;
  for (let place = 0; place < line.length; place++) hash = Math.imul(hash ^ line.charCodeAt(place), PRIME);
  return hash | 0;
}
const [OFFSET, PRIME] = [0x811c9dc5, 0x01000193]; // http://www.isthe.com/chongo/tech/comp/fnv/
