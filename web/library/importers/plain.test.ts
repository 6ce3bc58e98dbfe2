/** HTML becomes the text that a reader would see. */

import { expect, test } from "vitest";
import { htmlToText } from "./plain.ts";

const LIMIT = 1_000_000;
const plain = (html: string): string => htmlToText(html, LIMIT).text;

test("blocks are lines, paragraphs have an empty line between them", () => {
  expect(plain("<h1>One</h1><p>two\n  <b>three</b>,</p><ul><li>four<li>five</ul>six<br>seven")).toBe(
    "One\n\ntwo three,\n\nfour\nfive\n\nsix\nseven",
  );
});

test("cells are parted and rows are lines", () => {
  expect(plain("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>")).toBe("a b\nc");
});

test("scripts, styles and the head are gone", () => {
  expect(plain("<head><title>t</title>x</head><script>if(a<b){}</script>a<style>b{}</style><iframe>c</iframe>d")).toBe(
    "ad",
  );
});

test("a head that is never closed ends where the body begins", () => {
  expect(plain("<head><meta x><body>seen")).toBe("seen");
});

test("entities are decoded once", () => {
  expect(plain("&amp;lt;b&amp;gt; &eacute;&#8230;")).toBe("&lt;b&gt; é…");
});

test("preformatted text keeps its lines", () => {
  expect(plain("a<pre>  b\n    c</pre>d")).toBe("a\n\n  b\n    c\n\nd");
});

test("100,000 elements within each other are read in place", () => {
  expect(plain(`${"<div><b>".repeat(100_000)}deep${"</i></div>".repeat(100_000)}`)).toBe("deep");
});

test("more than the limit is cut and said", () => {
  const { text, isCut } = htmlToText("<p>word ".repeat(100_000), 1_000);
  expect(isCut).toBe(true);
  expect(text.length).toBeLessThan(70_000);
});
