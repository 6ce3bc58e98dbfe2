/** What a stranger says of a cutout's place on its page goes in; the parts of it that can be an anchor come out. */

import type { Anchor } from "./cutout.ts";

/** The longest parts that are kept, in UTF-16 units and in seconds; a longer one is left out, not cut. */
export const ANCHOR_LIMITS = { text: 100_000, around: 1_000, seconds: 10_000_000 } as const;

/** Return the anchor that a stranger's value is, or null, and whether anything of it could not be kept. */
export function checkedAnchor(value: unknown): { readonly anchor: Anchor | null; readonly isCut: boolean } {
  if (value === null || value === undefined) return { anchor: null, isCut: false };
  const given = typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : [];
  const { start } = Object.fromEntries(given);
  const kept = given.filter(([name, part]) => {
    if (name === "text") return isText(part, ANCHOR_LIMITS.text);
    if (name === "before" || name === "after") return isText(part, ANCHOR_LIMITS.around);
    if (name === "start") return isMoment(part);
    if (name === "isInFrame") return part === true;
    return name === "end" && isMoment(part) && isMoment(start) && part >= start;
  });
  const anchor = kept.length === 0 ? null : (Object.fromEntries(kept) as Anchor);
  return { anchor, isCut: anchor === null || kept.length < given.length };
}

function isText(part: unknown, most: number): boolean {
  return typeof part === "string" && part.length <= most;
}

function isMoment(part: unknown): part is number {
  return typeof part === "number" && part >= 0 && part <= ANCHOR_LIMITS.seconds; // NaN is neither
}
