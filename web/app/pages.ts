/** Places of the list go in; the hits that are there come out, and which page of them is to be asked for next. */

import { signal } from "@preact/signals";
import type { Hit } from "../library/index.ts";

export const PAGE = 50; // hits
const KEPT = 40; // pages on either side of what is in sight; those further away are asked for again

/** Hits by page; a page that is not there yet is on its way. */
export const pages = signal<ReadonlyMap<number, readonly Hit[]>>(new Map());

/** Pages from the first to the last. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

let sight: Span = { first: 0, last: 0 };
let stale: ReadonlySet<number> = new Set(); // pages of the list before, shown until they are there anew

/** Note which places are drawn from now on, `last` not among them. */
export function setSight(first: number, last: number): void {
  sight = { first: pageOf(first), last: pageOf(Math.max(first, last - 1)) };
}

/** Return the pages that are in sight. */
export function inSight(): Span {
  return sight;
}

/** Return a page that is not there, or stale: of those in sight, else the one with the active line; or null. */
export function missingPage(active: number): number | null {
  for (let page = sight.first; page <= sight.last; page++) if (!pages.value.has(page) || stale.has(page)) return page;
  return pages.value.has(pageOf(active)) ? null : pageOf(active);
}

/** Put the hits of a page to those that are there, of which the near ones and that with the active line stay. */
export function putPage(page: number, hits: readonly Hit[], active: number): void {
  const isNear = (other: number) => other >= sight.first - KEPT && other <= sight.last + KEPT;
  const near = [...pages.value].filter(([other]) => isNear(other) || other === pageOf(active));
  stale = new Set([...stale].filter((other) => other !== page));
  pages.value = new Map([...near, [page, hits]]);
}

/**
 * Put the hits of some pages in place of all that are there. What came into sight since those were asked for stays until
 * it is there anew: a line that went from the page and came back would have lost the focus.
 */
export function replacePages({ first, last }: Span, hits: readonly Hit[]): void {
  const isLate = (page: number) => page >= sight.first && page <= sight.last && (page < first || page > last);
  const late = [...pages.value].filter(([page]) => isLate(page));
  stale = new Set(late.map(([page]) => page));
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => index);
  const anew = numbers.map((index) => [first + index, hits.slice(index * PAGE, (index + 1) * PAGE)] as const);
  pages.value = new Map([...late, ...anew]);
}

/** Return the hit at a place of the list, if it is there. */
export function hitAt(place: number): Hit | undefined {
  return pages.value.get(pageOf(place))?.[place % PAGE];
}

function pageOf(place: number): number {
  return Math.floor(place / PAGE);
}
