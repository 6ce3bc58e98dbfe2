/** What is kept of what was opened, and what is not. */

import { expect, test } from "vitest";
import { ABOVE, EVENTS, keepOpened, type Opened } from "./events.ts";
import { aCutout, emptyLibrary, type TestLibrary } from "./library.testing.ts";
import { emptyTrash, insertCutout, trashCutout } from "./shelf.ts";
import { recorded, undoLast } from "./undo.ts";

const KEYS = ["a", "b", "c"];
const OPENED: Opened = { query: "bread kind:page", place: 2, key: "c", above: ["a", "b"] };

async function library(...keys: string[]): Promise<TestLibrary> {
  const made = await emptyLibrary();
  for (const key of keys) insertCutout(made.db, aCutout({ key }));
  return made;
}

function kept({ db }: TestLibrary): unknown[] {
  const above = "SELECT json_group_array(json_array(place, cutout)) FROM event_above WHERE event = event.id";
  return db.selectArrays(`SELECT at, query, event.place, event.cutout, (${above}) FROM event ORDER BY id`);
}

test("what was opened is kept with its query, its place and what was above it", async () => {
  const made = await library(...KEYS);
  keepOpened(made.db, OPENED, 7);
  expect(kept(made)).toEqual([[7, "bread kind:page", 2, 3, "[[0,1],[1,2]]"]]);
});

test("of many that were above, the nearest are kept", async () => {
  const keys = Array.from({ length: 30 }, (_, number) => `${number}`);
  const made = await library(...keys);
  keepOpened(made.db, { query: "bread", place: 129, key: "29", above: keys.slice(0, 29) }, 7);
  const places = made.db.selectValues("SELECT place FROM event_above ORDER BY place");
  expect(places).toEqual(Array.from({ length: ABOVE }, (_, index) => 129 - ABOVE + index));
  expect(made.db.selectValue("SELECT cutout FROM event_above WHERE place = 128")).toBe(29);
});

test.each(["", "  ", "kind:page is:untagged", "?"])(
  "nothing is kept of a list that the query %j did not rank",
  async (query) => {
    const made = await library(...KEYS);
    keepOpened(made.db, { ...OPENED, query }, 7);
    expect(kept(made)).toEqual([]);
  },
);

test("nothing is kept of a cutout that is gone, and of those above only what is there", async () => {
  const made = await library("b", "c");
  keepOpened(made.db, { ...OPENED, key: "gone" }, 7);
  expect(kept(made)).toEqual([]);
  keepOpened(made.db, OPENED, 7);
  expect(kept(made)).toEqual([[7, "bread kind:page", 2, 2, "[[1,1]]"]]);
});

test("the latest 10,000 are kept, and nothing of the others", async () => {
  const made = await library(...KEYS);
  made.db.transaction(() => {
    for (let at = 0; at < EVENTS + 3; at++) keepOpened(made.db, OPENED, at);
  });
  expect(made.db.selectArrays("SELECT count(*), min(at), max(at) FROM event")).toEqual([[EVENTS, 3, EVENTS + 2]]);
  expect(made.db.selectValue("SELECT count(*) FROM event_above")).toBe(2 * EVENTS);
});

test("what was kept of a cutout goes with it, when the trash is emptied and when its saving is undone", async () => {
  const made = await library(...KEYS);
  const { db } = made;
  const recorder = { ...made, now: () => 1 };
  db.transaction(() => recorded(recorder, "save", () => insertCutout(db, aCutout({ key: "d" }))));
  keepOpened(db, OPENED, 7);
  keepOpened(db, { query: "d", place: 1, key: "d", above: ["b"] }, 8);
  keepOpened(db, { query: "a", place: 1, key: "a", above: ["d"] }, 9);
  db.transaction(() => undoLast(recorder));
  expect(kept(made)).toEqual([
    [7, "bread kind:page", 2, 3, "[[0,1],[1,2]]"],
    [9, "a", 1, 1, "[]"],
  ]);
  for (const key of ["a", "c"]) trashCutout(db, key, 1, { isTrashed: true });
  emptyTrash(db);
  expect(kept(made)).toEqual([]);
  expect(db.selectValue("SELECT count(*) FROM event_above")).toBe(0);
});
