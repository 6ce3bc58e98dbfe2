/** Bookmark HTML of every browser and service becomes rows, however few of its elements are closed. */

import { describe, expect, test } from "vitest";
import { incomingOf, reasonsOf, rowsOf } from "./samples.testing.ts";

const START = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE><H1>Bookmarks</H1>\n`;
const file = (body: string): string => `${START}<DL><p>\n${body}\n</DL><p>\n`;

describe("a bookmark", () => {
  test("has a title, an address, a time and tags, entities decoded once", async () => {
    const [row] = await incomingOf(
      file(
        '<DT><A HREF="https://a.example/?x=1&amp;y=2" ADD_DATE="1463686493" TAGS="one, two">A &amp;amp; &quot;B&quot;</A>',
      ),
    );
    expect(row).toEqual({
      row: 1,
      kind: "page",
      title: 'A &amp; "B"',
      body: "",
      note: "",
      address: "https://a.example/?x=1&y=2",
      tags: ["one", "two"],
      created: 1463686493000,
      isTrashed: false,
    });
  });

  test("has a note of several lines, of which markup is gone and links keep their words", async () => {
    const [row, next] = await incomingOf(
      file(`<DT><A HREF="https://a.example/">A</A>
<DD>List:
- one
  - two<br>three <a href="https://shaarli.example/?x">see</a> <img src=x>
<li>four</li>
</code>
<DT><A HREF="https://b.example/">B</A>`),
    );
    expect(row?.note).toBe("List:\n- one\n  - two\nthree see\n\nfour");
    expect(next).toMatchObject({ row: 2, title: "B", note: "" });
  });

  test("may lack a date, a title and every end tag", async () => {
    const rows = await incomingOf(
      "<dl><dt><a href=https://a.example/>A<dt><a href='https://b.example/'><dd>B<dt><A HREF=https://c.example/>C",
    );
    expect(rows.map(({ title, note, created }) => [title, note, created])).toEqual([
      ["A", "", null],
      ["", "B", null],
      ["C", "", null],
    ]);
  });

  test("is read in upper and lower case and without <DT>", async () => {
    const rows = await incomingOf(
      "<!doctype netscape-bookmark-file-1><a href=https://a.example/>A</a><dd>n<a href=https://b.example/>B</a>",
    );
    expect(rows.map(({ title, note }) => [title, note])).toEqual([
      ["A", "n"],
      ["B", ""],
    ]);
  });

  test("without an address is skipped unless it has a note, as Shaarli's notes have", async () => {
    const rows = await rowsOf(file('<DT><A>no</A><DT><A HREF="?x1">Idea</A><DD>Build it<DT><A HREF="?x2">Empty</A>'));
    expect(rows).toMatchObject([
      { row: 1, why: "the row has neither an address nor text", sample: "no" },
      { row: 2, kind: "text", title: "Idea", note: "Build it", address: "", cut: ["address"] },
      { row: 3, why: expect.stringContaining("not absolute") },
    ]);
  });

  test("that is code or a smart folder is skipped by name", async () => {
    const reasons = await reasonsOf(
      file('<DT><A HREF="javascript:(function(){})()">x</A><DT><A HREF="place:type=6">y</A>'),
    );
    expect(reasons).toEqual([
      "a bookmarklet (javascript:) is code, not a page",
      "a smart folder of Firefox (place:) is a search, not a page",
    ]);
  });
});

describe("tags", () => {
  const tagsOf = async (attributes: string): Promise<readonly string[] | undefined> =>
    (await incomingOf(file(`<DT><A HREF="https://a.example/" ${attributes}>A</A>`)))[0]?.tags;

  test("are parted by commas, and may have spaces", async () => {
    expect(await tagsOf('TAGS="one,two words, one"')).toEqual(["one", "two words"]);
    expect(await tagsOf('TAGS="two words"')).toEqual(["two words"]);
  });

  test("are parted by spaces where Shaarli wrote them", async () => {
    expect(await tagsOf('PRIVATE="0" TAGS="one two"')).toEqual(["one", "two"]);
    expect(await tagsOf('PRIVATE="1" TOREAD="1" TAGS="one,toread"')).toEqual(["one", "toread"]);
  });
});

describe("folders", () => {
  test("are tags from the outermost in, and end where they end", async () => {
    const rows = await incomingOf(
      file(`<DT><H3 FOLDED>Out, er</H3><DD>What it is
<DL><p><DT><H3>Inner</H3><DL><p><DT><A HREF="https://a.example/" TAGS="t">A</A></DL><p>
<DT><A HREF="https://b.example/">B</A></DL><p><DT><A HREF="https://c.example/">C</A>`),
    );
    expect(rows.map(({ tags }) => tags)).toEqual([["Out, er", "Inner", "t"], ["Out, er"], []]);
    expect(rows.map(({ note }) => note)).toEqual(["", "", ""]);
  });

  test("of the browser itself are no tags, the person's folders in them are", async () => {
    const inner = '<DL><DT><H3>Other bookmarks</H3><DL><DT><A HREF="https://a.example/">A</A></DL></DL>';
    const marked = ["PERSONAL_TOOLBAR_FOLDER", "UNFILED_BOOKMARKS_FOLDER"].map(
      (mark) => `<DT><H3 ${mark}="true">X</H3>`,
    );
    for (const root of [...marked, "<DT><H3>Bookmarks bar</H3>", "<DT><H3>Lesezeichen-Symbolleiste</H3>"]) {
      expect((await incomingOf(file(root + inner)))[0]?.tags).toEqual([]);
    }
    const mine = "<DT><H3>Mine</H3>";
    expect((await incomingOf(file(mine + inner)))[0]?.tags).toEqual(["Mine", "Other bookmarks"]);
  });

  test("100,000 within each other cut the tags and say so", async () => {
    const text = `${"<DT><H3>x</H3><DL><p>".repeat(50_000)}${"<DT><H3>f</H3><DL>".repeat(50_000)}`;
    const named = Array.from({ length: 101 }, (_, i) => `<DT><H3>${i}</H3><DL>`).join("");
    const [row] = await incomingOf(file(`${named}${text}<DT><A HREF="https://a.example/">A</A>`));
    expect([row?.tags.length, row?.cut]).toEqual([100, ["tags"]]);
  });
});

describe("a damaged file", () => {
  test("that ends within a bookmark says which row is lost", async () => {
    const rows = await rowsOf(`${START}<DL><DT><A HREF="https://a.example/">A</A><DT><A HREF="https://b.exa`);
    expect(rows[1]).toEqual({ row: 2, why: "the file ends within this bookmark: export it again", sample: "" });
  });

  test("that lacks a <DT> after a note still has the bookmark", async () => {
    const link = (name: string): string => `<A HREF="https://${name}.example/" ADD_DATE="1463686493">${name}</A>`;
    const rows = await incomingOf(file(`<DT>${link("a")}<DD>note<X>${link("b")}`));
    expect(rows).toMatchObject([{ title: "a", note: "note" }, { title: "b" }]);
  });

  test("with an unclosed script says how much it hides", async () => {
    const reasons = await reasonsOf(`${START}<DL><DT><A HREF="https://a.example/">A</A><DD><script>x<DT><A HREF="b">`);
    expect(reasons).toEqual(["<script> is never closed and hides the last 17 characters of the file"]);
  });

  test("of 100,000 unclosed elements is read", async () => {
    const text = `<DT><A HREF="https://a.example/">A<DD>${"<b>".repeat(100_000)}n${"</i>".repeat(100_000)}`;
    expect(await incomingOf(file(text))).toMatchObject([{ title: "A", note: "n" }]);
  });
});

test("Pocket's list is read without its headings", async () => {
  const rows = await incomingOf(
    '<title>Pocket Export</title><h1>Unread</h1><ul><li><a href="https://a.example/" time_added="1493913054" tags="a,b">A</a></li></ul><h1>Read Archive</h1><ul></ul>',
  );
  expect(rows).toMatchObject([{ title: "A", tags: ["a", "b"], created: 1493913054000 }]);
});

test("dates of Google Bookmarks, linkding and Shaarli are told apart", async () => {
  const dates = ["1519067075550809", "1519067075550", "1519067075", "invaliddate", "19/Feb/2018:20:04:35 +0100"];
  const rows = await incomingOf(
    file(dates.map((d) => `<DT><A HREF="https://a.example/" ADD_DATE="${d}">A</A>`).join("\n")),
  );
  const whole = 1519067075000;
  expect(rows.map(({ created }) => created)).toEqual([whole + 550, whole + 550, whole, null, whole]);
});
