/** The file of a Chromium profile, its relatives' additions, and what is no such file. */

import { expect, test } from "vitest";
import { formatOf } from "./formats.ts";
import { incomingOf, rowsOf } from "./samples.testing.ts";

const file = (roots: unknown): string => JSON.stringify({ checksum: "0", roots, version: 1 });
const url = (name: string, more: object = {}): object => ({
  type: "url",
  name,
  url: `https://${name}.example/`,
  ...more,
});
const folder = (name: string, children: readonly unknown[]): object => ({ type: "folder", name, children });

test("folders are tags, the roots are not, and dates count from 1601", async () => {
  const bar = folder("Barre de favoris", [folder("A", [folder("B", [url("x", { date_added: "13118850929335823" })])])]);
  const rows = await incomingOf(file({ bookmark_bar: bar, other: folder("Other", [url("y")]) }));
  expect(rows).toMatchObject([
    { row: 1, title: "x", tags: ["A", "B"], created: 1474377329335 },
    { row: 2, title: "y", tags: [], created: null },
  ]);
});

test("Vivaldi's trash is trash and its description is the note", async () => {
  const roots = {
    bookmark_bar: folder("", []),
    trash: folder("Trash", [url("x", { meta_info: { Description: "old" } })]),
  };
  expect(await incomingOf(file(roots))).toMatchObject([{ isTrashed: true, note: "old" }]);
});

test("Opera's own roots are found", async () => {
  const custom = { speedDial: folder("Speed Dial", [url("x")]), trash: folder("Trash", [url("y")]) };
  const rows = await incomingOf(file({ bookmark_bar: folder("", []), custom_root: custom }));
  expect(rows).toMatchObject([
    { title: "x", isTrashed: false, tags: [] },
    { title: "y", isTrashed: true },
  ]);
});

test("nodes that are no bookmarks are skipped, each as a row", async () => {
  const rows = await rowsOf(file({ bookmark_bar: folder("", [7, null, { type: "url" }, url("x")]) }));
  expect(rows).toMatchObject([
    { row: 1, why: "the item is a number, expected an object with fields", sample: "7" },
    { row: 2, why: "the item is null, expected an object with fields" },
    { row: 3, why: "the row has neither an address nor text" },
    { row: 4, title: "x" },
  ]);
});

test("a file without roots is refused by the name of the app", async () => {
  const format = formatOf("chrome-json");
  if (format === undefined) throw new Error("no such format");
  await expect(rowsOf("[]", { format })).rejects.toThrow(
    "the file is JSON but holds no list as in an export of Chrome, Edge, Brave, Vivaldi or Opera (Bookmarks file): export it again",
  );
});
