/** Pinboard's XML and the items of feeds become rows. */

import { expect, test } from "vitest";
import { incomingOf, rowsOf, SAMPLES } from "./samples.testing.ts";

test("Pinboard's posts are read from their attributes", async () => {
  expect((await rowsOf(SAMPLES["pinboard-xml"]?.text ?? ""))[0]).toMatchObject({
    title: "Lisp & more",
    address: "https://lisp.example/?a=1&b=2",
    created: Date.UTC(2018, 10, 19, 8, 38, 53),
  });
});

test("in a feed of bookmarks the description is the person's note", async () => {
  expect(await incomingOf(SAMPLES.feed?.text ?? "")).toMatchObject([
    { title: "Clay & fire", note: "My kiln", body: "", created: Date.UTC(2018, 10, 8, 21, 29, 32) },
  ]);
});

test("in any other feed the description, or else the content, is the page's text", async () => {
  const items = `<item><title>A</title><link>https://a.example/</link><description>short</description>
<content:encoded><![CDATA[<p>long</p>]]></content:encoded><category>x y</category><pubDate>Tue, 10 Jun 2003 04:00:00 GMT</pubDate></item>
<item><link>https://b.example/</link><description>&lt;i&gt;only&lt;/i&gt;</description></item>`;
  expect(await incomingOf(`<rss version="2.0"><channel>${items}</channel></rss>`)).toMatchObject([
    { body: "long", note: "", tags: ["x y"], created: Date.UTC(2003, 5, 10, 4) },
    { title: "", body: "only" },
  ]);
});

test("an Atom entry's page is its alternate link, its source's title is not its own", async () => {
  const entry = `<entry><source><title>Elsewhere</title><link href="https://s.example/"/></source><title>A</title>
<link rel="self" href="https://feed.example/1"/><link href="https://a.example/"/><category term="t"/>
<summary>s</summary><updated>2020-02-03T04:05:06Z</updated></entry>`;
  expect(await incomingOf(`<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>${entry}</feed>`)).toMatchObject([
    { title: "A", address: "https://a.example/", body: "s", tags: ["t"], created: Date.UTC(2020, 1, 3, 4, 5, 6) },
  ]);
});

test("an item that is never closed is read, one that the file's end cuts off is named", async () => {
  expect(
    await rowsOf("<rss><item><link>https://a.example/</link><title>A<item><link>https://b.example/</link><item x"),
  ).toMatchObject([
    { row: 1, title: "A" },
    { row: 2, address: "https://b.example/" },
    { row: 3, why: "the file ends within this item: export it again" },
  ]);
});
