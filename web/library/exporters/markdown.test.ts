/** Front matter that reads back, names that every system takes, text that is shown and not followed. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { openZip } from "../copies/unzip.ts";
import { Records } from "../record.ts";
import { FileNames, safeName } from "./file_names.ts";
import { markdownOf } from "./markdown.ts";
import { fileOf } from "./stocked.testing.ts";
import { anyCutout, anyText, libraryOf } from "./texts.testing.ts";

/** Return the front matter: all of its values are double-quoted, which in YAML and in JSON is the same here. */
function frontOf(text: string): Record<string, unknown> {
  const [, front = ""] = /^---\n(.*?)\n---\n/s.exec(text) ?? [];
  const pairs = front.split("\n").map((line) => /^(\w+): (.*)$/.exec(line)?.slice(1) ?? []);
  return Object.fromEntries(pairs.map(([name = "", value = ""]) => [name, JSON.parse(value)]));
}

test("front matter reads back as title, address, tags, kind and moment, whatever they hold", async () => {
  await fc.assert(
    fc.asyncProperty(anyCutout, async (wanted) => {
      const { db } = await libraryOf([wanted]);
      const record = new Records(db).get(1);
      db.close();
      if (record === null) throw new Error("it was not kept");
      const text = markdownOf(record);
      const { title, address, created } = wanted;
      expect(frontOf(text)).toEqual({
        ...{ title, address, kind: "page", created: new Date(created).toISOString() },
        tags: record.tags.map(({ name }) => name),
      });
      const [, front = ""] = /^---\n(.*?)\n---\n/s.exec(text) ?? [];
      expect(front.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u2028\u2029\ufeff]/u);
    }),
    { numRuns: 100 },
  );
});

test("a text loads no image and opens no element of HTML, however many slashes it brings", async () => {
  const { db } = await libraryOf([{ body: "a <b> \\<img src=x> \\\\![](https://example.org/) 1 < 2!", note: "mine" }]);
  const record = new Records(db).get(1);
  expect(record === null ? "" : markdownOf(record).split("---\n\n")[1]).toBe(
    "a \\<b> \\\\\\<img src=x> \\\\\\\\\\![](https://example.org/) 1 \\< 2!\n\n## Note\n\nmine\n",
  );
});

test.each([
  ["../../etc/passwd", "etc passwd"],
  ["C:\\Windows\\x", "C Windows x"],
  [".hidden", "hidden"],
  ["con", "_con"],
  ["NUL.tar", "_NUL.tar"],
  ["com¹", "_com¹"],
  ["console", "console"],
  ["a\u0000b\u202egnp.exe", "a b gnp.exe"],
  ["ends. . ", "ends"],
  ["...", "untitled"],
  ["梨の木 🍐", "梨の木 🍐"],
])("a file for %j is called %j", (title, name) => {
  expect(safeName(title)).toBe(name);
});

test("a name fits into 255 bytes and halves no letter", () => {
  for (const title of ["梨".repeat(300), "👩‍👩‍👧‍👦".repeat(60), "a".repeat(10_000)]) {
    const name = safeName(title);
    expect(new TextEncoder().encode(`${name} 100000.md`).length).toBeLessThan(256);
    expect(name.isWellFormed()).toBe(true);
  }
});

test("no two files have names that a system takes for one, and no name leads anywhere", () => {
  const titles = fc.array(fc.oneof(anyText, fc.constantFrom("a", "A", "a 2", "é", "e\u0301", "ﬁ", "fi")));
  fc.assert(
    fc.property(titles, (wanted) => {
      const names = new FileNames();
      const given = wanted.map((title) => names.unique(title, "md"));
      expect(new Set(given.map((name) => name.normalize("NFKC").toLowerCase())).size).toBe(wanted.length);
      for (const name of given) expect(name).toMatch(/^[^/\\:*?"<>|.\p{Cc}\s][^/\\:*?"<>|\p{Cc}]*\.md$/u);
    }),
  );
});

test("a zip of Markdown holds a file for each cutout", async () => {
  const library = await libraryOf([{ title: "Bread", body: "Flour" }, { title: "bread" }, { body: "No title" }]);
  const zip = await openZip(await fileOf(library, "markdown"));
  expect(zip?.entries.map(({ name }) => name)).toEqual(["Bread.md", "bread 2.md", "No title.md"]);
});

test("front matter says language and description where they are known", async () => {
  const source = { html: "<b>x</b>", description: 'On "bread": <b>', iconAddress: "" };
  const { db } = await libraryOf([{ title: "Bread", language: "pt-BR", source }]);
  const record = new Records(db).get(1);
  const front = frontOf(record === null ? "" : markdownOf(record));
  expect(front).toMatchObject({ language: "pt-BR", description: 'On "bread": <b>' });
  expect(Object.keys(front)).not.toContain("html");
});
