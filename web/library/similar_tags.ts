/** All tags go in; pairs that are likely one tag written twice come out, for the person to merge. */

import type { Tag } from "./cutout.ts";

/** Two names, the one that more cutouts have first. */
export interface SimilarTags {
  readonly keep: string;
  readonly other: string;
}

const SHORTEST = 5; // letters; among shorter names one letter makes another word (cat, car)
const MOST = 2_000; // tags that are compared with each other: four million pairs at most

/**
 * Return the pairs, those with the most cutouts first: names alike without accents, spaces, hyphens and a plural's end,
 * or one letter apart (changed, left out, or two neighbours exchanged).
 */
export function similarTags(tags: readonly Tag[]): SimilarTags[] {
  const known = [...tags].sort((a, b) => b.cutouts - a.cutouts).slice(0, MOST);
  const bare = known.map(({ name }) => bareName(name));
  const pairs: SimilarTags[] = [];
  for (const [first, keep] of known.entries())
    for (const [second, other] of known.entries())
      if (first < second && areAlike(bare[first] ?? "", bare[second] ?? ""))
        pairs.push({ keep: keep.name, other: other.name });
  return pairs;
}

function bareName(name: string): string {
  const letters = name
    .normalize("NFKD")
    .replace(/[\p{M}\p{P}\p{Z}\p{Cc}]+/gu, "")
    .toLowerCase();
  return letters.length > 3 ? letters.replace(/(?<=[^s])s$/, "") : letters;
}

function areAlike(one: string, other: string): boolean {
  if (one === other) return one !== "";
  if (/\d/.test(one + other)) return false; // python2 and python3 are no slip of the pen
  return Math.min(one.length, other.length) >= SHORTEST && isOneEditApart(one, other);
}

function isOneEditApart(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  const [a, b] = [one.slice(start), other.slice(start)];
  if (a.slice(1) === b || a === b.slice(1) || a.slice(1) === b.slice(1)) return true;
  return a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
}
