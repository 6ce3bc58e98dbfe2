/** The page about importing names what the tables and limits hold. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { columnName, PLAIN } from "./columns.ts";
import { MAX_JSON_BYTES } from "./json.ts";
import { LIMITS, readable } from "./text.ts";

const PAGE = readFileSync(new URL("../../../docs/library.md", import.meta.url), "utf8");

test("every column of a plain table is in the page, and no other", () => {
  const { title, address, created, body, note, tags, folders, language } = PLAIN;
  const names = [title, address, created, body, note, tags, folders, language].flatMap((each) => each ?? []);
  const lists = PAGE.slice(PAGE.indexOf("* Address:"), PAGE.indexOf("* `kind`"));
  const said = Array.from(lists.matchAll(/`(\w+)`/g), (found) => columnName(found[1] ?? ""));
  expect(said.sort()).toEqual([...names].sort());
});

test("every limit is in the page", () => {
  const { sample: _, ...limits } = LIMITS;
  for (const limit of Object.values(limits)) expect(PAGE).toContain(readable(limit));
  expect(PAGE).toContain(`up to ${MAX_JSON_BYTES / 2 ** 20} MB`);
});

test("a column is the same however it is written", () => {
  expect(["Date Added", "date_added", "dateAdded", " DATE-ADDED"].map(columnName)).toEqual(Array(4).fill("dateadded"));
});
