/** Which page of a long list is asked for next, and which are let go. */

import { beforeEach, expect, test } from "vitest";
import type { Hit } from "../library/index.ts";
import { hitAt, inSight, missingPage, PAGE, pages, putPage, replacePages, setSight } from "./pages.ts";

const hits = (page: number) => Array.from({ length: PAGE }, (_, index) => ({ id: page * PAGE + index }) as Hit);

beforeEach(() => {
  setSight(0, 1);
  replacePages({ first: 0, last: 0 }, hits(0));
});

test("a place across two pages is asked for page by page, then nothing is", () => {
  setSight(1990, 2010);
  expect(inSight()).toEqual({ first: 39, last: 40 });
  for (const page of [39, 40]) {
    expect(missingPage(0)).toBe(page);
    putPage(page, hits(page), 0);
  }
  expect(missingPage(0)).toBe(null);
  expect([hitAt(1999)?.id, hitAt(2000)?.id, hitAt(2050)]).toEqual([1999, 2000, undefined]);
});

test("the page of the active line is asked for once all in sight are there, and stays however far it is", () => {
  setSight(0, 10);
  expect(missingPage(5000)).toBe(100);
  putPage(100, hits(100), 5000);
  putPage(1, hits(1), 5000);
  expect(missingPage(5000)).toBe(null);
});

test("pages far from what is in sight are let go", () => {
  setSight(10_000, 10_010);
  putPage(200, hits(200), 10_000);
  expect([...pages.value.keys()]).toEqual([200]);
});

test("hits of several pages stand in their places, and a page beyond the end is empty and not asked for", () => {
  setSight(0, 90);
  replacePages(inSight(), hits(0).slice(0, 20));
  expect([hitAt(19)?.id, hitAt(20), hitAt(60)]).toEqual([19, undefined, undefined]);
  expect(missingPage(0)).toBe(null);
});

test("what came into sight while a list was asked for stays, and is asked for anew", () => {
  setSight(290, 300);
  putPage(5, hits(5), 299);
  replacePages({ first: 0, last: 0 }, hits(0));
  expect(hitAt(299)?.id).toBe(299);
  expect(missingPage(299)).toBe(5);
  putPage(5, hits(6), 299);
  expect([hitAt(299)?.id, missingPage(299)]).toEqual([349, null]);
});
