/** Arbitrary cutouts for the properties of what is written as text. */

import fc from "fast-check";
import { cleanLine, cleanText } from "../importers/index.ts";
import { aCutout, emptyLibrary, type TestLibrary } from "../library.testing.ts";
import { insertCutout } from "../shelf.ts";
import { cleaned } from "../tags.ts";

const UNITS = ["a", "B", "é", "梨", "🍐", "\u202e", "\u0000", "\u0007", " ", "\n", "\r", "\t", "\u2028"];
const SIGNS = [",", ";", "|", '"', "'", "=", "+", "-", "@", "<", ">", "&", "/", "\\", "[", "]", "!", ":", "#", "</A>"];

/** Texts with every sign that one of the formats uses itself. */
export const anyText = fc.string({ unit: fc.constantFrom(...UNITS, ...SIGNS), maxLength: 30 });

/** What a person may have saved, as importers leave texts. */
export const anyCutout = fc.record({
  title: anyText.map(cleanLine),
  body: anyText.map(cleanText),
  note: anyText.map(cleanText),
  address: anyText.map((text) => new URL(`https://example.org/?${text}`).href),
  tags: fc.array(
    anyText.filter((text) => cleanLine(text) !== "").map((text) => cleaned(cleanLine(text))),
    { maxLength: 4 },
  ),
  created: fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2099, 0) }),
});

/** Return a library of these cutouts; their keys are their places. */
export async function libraryOf(cutouts: readonly Parameters<typeof aCutout>[0][]): Promise<TestLibrary> {
  const library = await emptyLibrary();
  cutouts.forEach((cutout, index) => {
    library.db.transaction(() => insertCutout(library.db, aCutout({ ...cutout, key: `${index}` })));
  });
  return library;
}
