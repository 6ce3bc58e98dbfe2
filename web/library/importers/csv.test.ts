/** Tables become rows by the names of their columns, wherever the file is cut into pieces. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { PLAIN } from "./columns.ts";
import { CsvReader } from "./csv.ts";
import type { Row } from "./incoming.ts";
import { incomingOf, rowsOf } from "./samples.testing.ts";

test("cells in quotes hold separators, quotes and lines", async () => {
  const [row] = await incomingOf('url,title,notes\r\nhttps://a.example/,"A, ""b""","one\r\ntwo"\r\n');
  expect(row).toMatchObject({ row: 1, title: 'A, "b"', note: "one\ntwo", address: "https://a.example/" });
});

test.each([
  ["semicolons", "url;title\nhttps://a.example/?x,y;A"],
  ["tabs", "url\ttitle\nhttps://a.example/?x,y\tA"],
  ["bars", "url|title\nhttps://a.example/?x,y|A"],
  ["old line ends", "url,title\rhttps://a.example/?x%2Cy,A\r"],
  ["a mark and empty lines", "\ufeff\n\nurl,title\n\nhttps://a.example/?x%2Cy,A\n\n"],
])("a table with %s is read", async (_, text) => {
  expect(await incomingOf(text)).toMatchObject([{ row: 1, title: "A" }]);
});

test("columns are found by name, however they are written and ordered", async () => {
  const [row] = await incomingOf(
    'Date Added,NOTES,Labels,Name,Address,Text\n2020-02-03,n,"a,b",T,https://a.example/,words\n',
  );
  expect(row).toMatchObject({ title: "T", body: "words", note: "n", tags: ["a", "b"], created: Date.UTC(2020, 1, 3) });
});

test("a note and a description are both kept", async () => {
  expect(await incomingOf("url,note,description\nhttps://a.example/,mine,theirs\n")).toMatchObject([
    { note: "mine\n\ntheirs" },
  ]);
});

test("a highlight is text with the book as its title", async () => {
  const [row] = await incomingOf(
    "Highlight,Book Title,Book Author,Note,Tags,Highlighted at\nWords.,Book,Me,mine,a,2026-01-17 14:00:25+00:00\n",
  );
  expect(row).toMatchObject({ kind: "text", title: "Book", body: "Words.", note: "mine", tags: ["a"] });
  expect(row).not.toHaveProperty("anchor"); // of a book there is no page to open
});

test.each([
  ["Readwise", "Highlight,Book Title,Book Author,URL\nWords.,Page,Me,https://a.example/\n"],
  ["Instapaper", "URL,Title,Selection,Folder\nhttps://a.example/,Page,Words.,Unread\n"],
])("a passage of %s leads to its place", async (_, text) => {
  expect(await incomingOf(text)).toMatchObject([{ address: "https://a.example/", anchor: { text: "Words." } }]);
});

test("Raindrop's trash is trash, its folders are tags, its excerpt and highlights are text", async () => {
  const rows = await incomingOf(
    'id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n1,A,n,e,https://a.example/,Trash,,,,h,false\n2,B,,,https://b.example/,X/Y,"p q,r",,,,\n',
  );
  expect(rows).toMatchObject([
    { isTrashed: true, body: "e\n\nh", note: "n" },
    { isTrashed: false, tags: ["X", "Y", "p q", "r"] },
  ]);
});

test("a row with more cells than the header is skipped, one with fewer is read", async () => {
  expect(await rowsOf("url,title\nhttps://a.example/,A,b\nhttps://b.example/\n")).toMatchObject([
    { row: 1, why: "the row has 3 cells, the header 2: a cell lacks its quotes", sample: "https://a.example/ A b" },
    { row: 2, address: "https://b.example/" },
  ]);
});

test("a quote that never closes costs its row, which says so", async () => {
  const rows = await rowsOf('url,title\nhttps://a.example/,A\nhttps://b.example/,"B\nhttps://c.example/,C\n');
  expect(rows).toMatchObject([{ title: "A" }, { row: 2, why: expect.stringContaining("never closed") }]);
});

test("a quote that never closes in a long file stops it after the rows before", async () => {
  const rows: Row[] = [];
  const read = async (): Promise<void> => {
    const reader = new CsvReader(PLAIN);
    for (const piece of ['url\nhttps://a.example/\n"', ...Array<string>(100).fill("x,\n".repeat(30_000))]) {
      rows.push(...reader.write(piece));
    }
  };
  await expect(read()).rejects.toThrow("row 2 is longer than 4,194,304 characters: close the quote that it opens");
  expect(rows).toMatchObject([{ address: "https://a.example/" }]);
});

test("quotes among a run of spaces are refused before they take minutes", async () => {
  const text = `url,title\nhttps://a.example/,"${'x"x'.repeat(100_000)}${" ".repeat(100_000)},`;
  await expect(rowsOf(text)).rejects.toThrow("the table has a run of spaces among too many quotes");
});

test("what a table says is what is read, wherever it is cut into pieces", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", " ", "é", "\r") });
  const rows = fc.array(fc.record({ title: cell, note: cell }), { maxLength: 8 });
  fc.assert(
    fc.property(rows, fc.array(fc.nat(400), { maxLength: 10 }), (wanted, cuts) => {
      const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
      const lines = wanted.map(({ title, note }, i) => `https://a.example/${i},${quoted(title)},${quoted(note)}\n`);
      const text = `url,title,note\n${lines.join("")}`;
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      const reader = new CsvReader(PLAIN);
      const pieces = places.slice(1).map((end, i) => text.slice(places[i], end));
      const found = [...pieces.flatMap((piece) => reader.write(piece)), ...reader.end()];
      const whole = new CsvReader(PLAIN);
      expect(found).toEqual([...whole.write(text), ...whole.end()]);
      expect(found).toHaveLength(wanted.length);
      for (const [i, row] of found.entries()) {
        expect(row).toMatchObject({ row: i + 1, title: wanted[i]?.title.replace(/\s+/g, " ").trim() });
      }
    }),
  );
});

test("a column of languages is kept where they are any", async () => {
  const text = "url,lang\nhttps://a.example/,pt_BR\nhttps://b.example/,Portuguese\n";
  const [known, unknown] = await incomingOf(text);
  expect([known?.language, unknown !== undefined && "language" in unknown]).toEqual(["pt-BR", false]);
});
