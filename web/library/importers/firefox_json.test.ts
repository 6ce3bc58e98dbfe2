/** A backup of Firefox, its own folders left out, its tags and old descriptions kept. */

import { expect, test } from "vitest";
import { incomingOf, rowsOf } from "./samples.testing.ts";

const CONTAINER = "text/x-moz-place-container";
const place = (title: string, more: object = {}): object => {
  return { type: "text/x-moz-place", title, uri: `https://${title}.example/`, ...more };
};
const folder = (title: string, children: readonly unknown[], more: object = {}): object => {
  return { type: CONTAINER, title, children, ...more };
};
const file = (...children: readonly unknown[]): string => JSON.stringify(folder("", children, { root: "placesRoot" }));

test("a bookmark has folders, tags, a time in microseconds and a description", async () => {
  const annos = [
    { name: "other", value: "x" },
    { name: "bookmarkProperties/description", value: "why" },
  ];
  const inner = place("x", { tags: "a b,c", dateAdded: 1388166091644000, annos });
  const [row] = await incomingOf(file(folder("Barre", [folder("Mine", [inner])], { root: "toolbarFolder" })));
  expect(row).toMatchObject({ title: "x", tags: ["Mine", "a b", "c"], created: 1388166091644, note: "why" });
});

test("separators and empty folders are no rows, smart folders are skipped by name", async () => {
  const rows = await rowsOf(
    file({ type: "text/x-moz-place-separator" }, { type: CONTAINER }, place("p", { uri: "place:type=6" }), place("x")),
  );
  expect(rows).toMatchObject([
    { row: 1, why: expect.stringContaining("smart folder") },
    { row: 2, title: "x" },
  ]);
});

test("100,000 folders within each other are read in place", async () => {
  const depth = 100_000;
  const open = `{"type":"${CONTAINER}","title":"f","children":[`;
  const text = `${open.repeat(depth)}${JSON.stringify(place("x"))}${"]}".repeat(depth)}`;
  expect(await incomingOf(text)).toMatchObject([{ title: "x", tags: ["f"] }]);
});
