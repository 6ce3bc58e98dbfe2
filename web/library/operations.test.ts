/** What the library refuses to take. */

import { expect, test } from "vitest";
import { LibraryError } from "./errors.ts";
import { aCutout, emptyLibrary } from "./library.testing.ts";
import type { Shelf } from "./operations.ts";
import { answer } from "./operations.ts";
import type { Call } from "./protocol.ts";
import { getCutout, insertCutout } from "./shelf.ts";
import { memoryPlace } from "./sqlite.ts";

async function stocked() {
  const library = await emptyLibrary();
  insertCutout(library.db, aCutout({ key: "one", address: "https://example.org/" }));
  const place = { ...(await memoryPlace()), read: async () => new Uint8Array() };
  const shelf: Shelf = { ...library, setAside: [], place, now: () => 1_700_000_000_001 };
  const ask = (name: Call["name"], ask: unknown) => answer(shelf, { type: "call", id: name, name, ask });
  return { ...library, ask };
}

test("an address that is not absolute is neither saved nor edited in, and the message names it", async () => {
  const { db, ask } = await stocked();
  const cutout = aCutout({ key: "two", address: "example.org/foo" });
  expect(() => ask("save", { cutout })).toThrow(LibraryError);
  expect(() => ask("save", { cutout })).toThrow(/^“example.org\/foo” is not absolute: expected an address such as/);
  expect(() => ask("edit", { key: "one", edit: { address: "/foo" } })).toThrow(/^“\/foo” is not absolute/);
  expect(getCutout(db, "two")).toBeNull();
  expect(getCutout(db, "one")?.address).toBe("https://example.org/");
});

test("an address can be taken away", async () => {
  const { db, ask } = await stocked();
  ask("edit", { key: "one", edit: { address: "" } });
  expect(getCutout(db, "one")?.address).toBe("");
});
