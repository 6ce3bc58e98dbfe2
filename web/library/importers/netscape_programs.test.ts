/** Bookmarks as Safari, Edge, Delicious and Raindrop write them, by hand in the form of each. */

import { expect, test } from "vitest";
import { rowsOf } from "./samples.testing.ts";

const SAFARI = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
\t<HTML>
\t<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
\t<Title>Bookmarks</Title>
\t<H1>Bookmarks</H1>
\t<DT><H3 FOLDED>Favorites</H3>
\t<DL><p>
\t\t<DT><A HREF="https://rye.example/">Rye &amp; oats</A>
\t\t<DT><H3 FOLDED>Soup</H3>
\t\t<DL><p>
\t\t\t<DT><A HREF="https://bean.example/">Beans</A>
\t\t</DL><p>
\t</DL><p>
\t<DT><H3 FOLDED>Bookmarks Menu</H3>
\t<DL><p>
\t</DL><p>
\t<DT><H3 FOLDED id="com.apple.ReadingList">Reading List</H3>
\t<DL><p>
\t\t<DT><A HREF="https://late.example/">Later</A>
\t</DL><p>
\t<DT><A HREF="https://end.example/">End</A>
</HTML>
`;

const EDGE = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<!-- This is an automatically generated file.
     It will be read and overwritten.
     DO NOT EDIT! -->
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
    <DT><H3 ADD_DATE="1541343937" LAST_MODIFIED="1541343938" PERSONAL_TOOLBAR_FOLDER="true">Favorites bar</H3>
    <DL><p>
        <DT><A HREF="https://rye.example/" ADD_DATE="1541343937" ICON="data:image/png;base64,AAAA">Rye</A>
        <DT><H3 ADD_DATE="1541343937" LAST_MODIFIED="0">Favorites</H3>
        <DL><p>
            <DT><A HREF="https://bean.example/" ADD_DATE="1541343938">Beans</A>
            <DT><A HREF="edge://settings/" ADD_DATE="1541343938">Settings</A>
        </DL><p>
    </DL><p>
    <DT><H3 ADD_DATE="1541343937" LAST_MODIFIED="0">Other favorites</H3>
    <DL><p>
        <DT><A HREF="https://late.example/" ADD_DATE="1541343939">Later</A>
    </DL><p>
</DL><p>
`;

const DELICIOUS = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<!-- This is an automatically generated file.
It will be read and overwritten.
Do Not Edit! -->
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p><DT><A HREF="https://rye.example/" ADD_DATE="1541343937" PRIVATE="1" TAGS="sour,dark rye">Rye</A>
<DD>Needs a day &amp; a half
<DT><A HREF="https://bean.example/" ADD_DATE="1541343938" PRIVATE="0" TAGS="">Beans</A>
</DL><p>
`;

const RAINDROP = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Raindrop.io Bookmarks</TITLE>
<H1>Raindrop.io Bookmarks</H1>
<DL><p>
<DT><H3 ADD_DATE="1541343937" LAST_MODIFIED="1541343937">Weather</H3>
<DL><p>
<DT><H3 ADD_DATE="1541343937" LAST_MODIFIED="1541343937">Wet</H3>
<DL><p>
<DT><A HREF="https://rain.example/" ADD_DATE="1541343937" LAST_MODIFIED="1541343938" TAGS="cloud,umbrella" DATA-COVER="https://rain.example/x.png" DATA-IMPORTANT="true">Rain</A>
<DD>Water from above
</DL><p>
</DL><p>
<DT><H3 ADD_DATE="1541343937" LAST_MODIFIED="1541343937">Unsorted</H3>
<DL><p>
<DT><A HREF="https://hail.example/" ADD_DATE="1541343938" LAST_MODIFIED="1541343938" TAGS="" DATA-COVER="">Hail</A>
</DL><p>
</DL><p>
`;

/** Return what each row is: title, tags, note and second, or why it was left out. */
async function read(text: string): Promise<readonly unknown[][]> {
  const rows = await rowsOf(text);
  return rows.map((row) => {
    if ("why" in row) return [row.sample, row.why];
    return [row.title, row.tags, row.note, row.created === null ? null : row.created / 1000];
  });
}

test("Safari's own folders are no tags, and its bookmarks have no date", async () => {
  expect(await read(SAFARI)).toEqual([
    ["Rye & oats", [], "", null],
    ["Beans", ["Soup"], "", null],
    ["Later", [], "", null],
    ["End", [], "", null],
  ]);
});

test("Edge's own folders are no tags, a folder that the person calls Favorites is one", async () => {
  expect(await read(EDGE)).toEqual([
    ["Rye", [], "", 1541343937],
    ["Beans", ["Favorites"], "", 1541343938],
    ["Settings", expect.stringContaining("edge:")],
    ["Later", [], "", 1541343939],
  ]);
});

test("a tag of Delicious may be two words, and its note is kept", async () => {
  expect(await read(DELICIOUS)).toEqual([
    ["Rye", ["sour", "dark rye"], "Needs a day & a half", 1541343937],
    ["Beans", [], "", 1541343938],
  ]);
});

test("Raindrop's collections and tags are tags, its Unsorted is none", async () => {
  expect(await read(RAINDROP)).toEqual([
    ["Rain", ["Weather", "Wet", "cloud", "umbrella"], "Water from above", 1541343937],
    ["Hail", [], "", 1541343938],
  ]);
});
