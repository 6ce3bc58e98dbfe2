/** What is written as a table or as bookmarks is read back as the same texts by the importer for strangers' files. */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Incoming } from "../importers/index.ts";
import { incomingOf } from "../importers/samples.testing.ts";
import { getCutout } from "../shelf.ts";
import { folded } from "../tags.ts";
import { fileOf, stockedLibrary } from "./stocked.testing.ts";
import { anyCutout, libraryOf } from "./texts.testing.ts";

const RUNS = { numRuns: 60 };

function tagsOf({ tags }: Pick<Incoming, "tags">): string[] {
  return tags.map(folded).sort();
}

test("a table comes back with every title, text, note, address, tag and moment", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCutout, { minLength: 1, maxLength: 4 }), async (wanted) => {
      const library = await libraryOf(wanted);
      const read = await incomingOf(await fileOf(library, "csv"));
      library.db.close();
      expect(read.map(({ title, body, note, address, created }) => ({ title, body, note, address, created }))).toEqual(
        wanted.map(({ tags: _, ...fields }) => fields),
      );
      expect(read.map(tagsOf)).toEqual(wanted.map(({ tags }) => [...new Set(tags.map(folded))].sort()));
    }),
    RUNS,
  );
});

test("bookmarks come back with every title, note, address and tag, and the second", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCutout, { minLength: 1, maxLength: 4 }), async (wanted) => {
      const library = await libraryOf(wanted);
      const read = await incomingOf(await fileOf(library, "bookmarks"));
      library.db.close();
      expect(read.map(({ title, note, address, created }) => ({ title, note, address, created }))).toEqual(
        wanted.map(({ title, note, address, created }) => {
          return { title, note, address, created: Math.floor(created / 1000) * 1000 };
        }),
      );
      expect(read.map(tagsOf)).toEqual(wanted.map(({ tags }) => [...new Set(tags.map(folded))].sort()));
    }),
    RUNS,
  );
});

test("an address that runs something is no bookmark", async () => {
  const library = await libraryOf([{ address: "javascript:alert(1)" }, { address: "https://example.org/" }]);
  expect(await (await fileOf(library, "bookmarks")).text()).not.toContain("alert");
});

test("a tag that a model proposed or that was removed is in no table, no bookmark and no Markdown", async () => {
  const library = await stockedLibrary();
  expect(getCutout(library.db, "key 0 plain")?.tags.map(({ name }) => name)).toContain("日本語");
  const table = await incomingOf(await fileOf(library, "csv"));
  expect(table[0]?.tags.map(folded)).toEqual(["fruit", "tag, 0"]);
  expect(table[2]?.tags.map(folded)).toEqual(["tag, 2"]);
});

test("a bookmark without a note has the page's description for one, and the address of its icon", async () => {
  const source = { html: "", description: "On <b>", iconAddress: 'https://example.org/icon.png?a="&b' };
  const about = { address: "https://example.org/", source };
  const file = await fileOf(await libraryOf([about, { ...about, note: "mine" }]), "bookmarks");
  expect((await incomingOf(file)).map(({ note }) => note)).toEqual(["On <b>", "mine"]);
  expect(await file.text()).toContain(' ICON_URI="https://example.org/icon.png?a=&quot;&amp;b">');
});
