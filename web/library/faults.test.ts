/** Calls that failed: answered once an index is made anew, refused where the file is damaged or nothing can be done. */

import { expect, test } from "vitest";
import { answerAgain, type Kept } from "./faults.ts";
import { aCutout, emptyLibrary } from "./library.testing.ts";
import type { Call } from "./protocol.ts";
import { search } from "./search/index.ts";
import { insertCutout } from "./shelf.ts";

const CALL: Call = { type: "call", id: "one", name: "find", ask: null };

async function kept(): Promise<Kept> {
  const library = await emptyLibrary();
  insertCutout(library.db, aCutout({ title: "bread" }));
  // as: a library in memory has no files to look after, and no call here needs them
  return { ...library, now: () => 1, setAside: [], place: {} as Kept["place"] };
}

async function find({ db }: Kept): Promise<unknown> {
  return search(db, null, { text: "bread", vector: null, limit: 9, offset: 0 }).hits.length;
}

test("a damaged index is made anew from the cutouts, and the call answered", async () => {
  const from = await kept();
  from.db.exec("UPDATE words_data SET block = x'ffffffff' WHERE id > 10");
  const failed = await find(from).catch((error: unknown) => error);
  expect(failed).toMatchObject({ resultCode: 267 });
  expect(await answerAgain(from, CALL, failed, find)).toBe(1);
});

test("what went wrong elsewhere is said as it is, and the library not set aside", async () => {
  const from = await kept();
  const elsewhere = Object.assign(new Error("another file"), { resultCode: 11 });
  await expect(answerAgain(from, CALL, elsewhere, find)).rejects.toBe(elsewhere);
});

test("without room a save is refused with what to do", async () => {
  const full = Object.assign(new Error("full"), { resultCode: 13 });
  await expect(answerAgain(await kept(), { ...CALL, name: "save" }, full, find)).rejects.toThrow(
    "there is no room left to save on this device: empty the trash, or free some storage, and save again",
  );
});
