/** Where a cutout's address leads with its anchor, hostile ones too. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { isNamed, momentIn, movedAnchor, placeOf } from "./place.ts";

const PAGE = "https://example.org/page";

/** Return where an anchor leads; `as`: a library may hold what is none. */
function led(anchor: unknown, address = PAGE): string | null {
  return placeOf({ address, anchor: anchor as never });
}

test.each([
  [{ text: "two words" }, "two%20words"],
  [{ text: "a-b, c & d" }, "a%2Db%2C%20c%20%26%20d"],
  [{ text: "it", before: "stands before", after: "stands after" }, "stands%20before-,it,-stands%20after"],
  [{ text: " white \t space\u00a0" }, "white%20space"],
  [{ text: "First line,\n\n  last line" }, "First%20line%2C,last%20line"],
  [{ text: "a", before: "other\nsame line", after: "same line\nother" }, "same%20line-,a,-same%20line"],
  [{ text: "half \ud800" }, "half%20%EF%BF%BD"],
  [{ text: "100% <b> #x" }, "100%25%20%3Cb%3E%20%23x"],
])("a passage is a text fragment: %j", (anchor, directive) => {
  expect(led(anchor)).toBe(`${PAGE}#:~:text=${directive}`);
});

test("a long passage is named by whole words of its beginning and its end, and so is what stands around it", () => {
  const words = Array.from({ length: 100 }, (_, place) => `word${place}`).join(" ");
  const [, before, beginning, end, after] = /text=(.*)-,(.*),(.*),-(.*)$/.exec(
    led({ text: words, before: words, after: words }) ?? "",
  ) as string[];
  expect(decodeURIComponent(beginning as string)).toMatch(/^word0 .{50,} word\d+$/);
  expect(words).toContain(`${decodeURIComponent(beginning as string)} `);
  expect(words).toContain(` ${decodeURIComponent(end as string)}`);
  expect(decodeURIComponent(end as string)).toMatch(/^word\d+ .* word99$/);
  expect(decodeURIComponent(before as string)).toMatch(/^word\d+( word\d+)* word99$/);
  expect(decodeURIComponent(after as string)).toMatch(/^word0 word1( word\d+)*$/);
});

test("a long passage without spaces is cut after its own marks", () => {
  const [, beginning, end] = /text=(.*),(.*)$/.exec(led({ text: "春はあけぼの。".repeat(40) }) ?? "") as string[];
  expect(decodeURIComponent(beginning as string)).toMatch(/^(春はあけぼの。)+$/);
  expect(decodeURIComponent(end as string)).toMatch(/^(春はあけぼの。)+$/);
});

test.each([
  [`${PAGE}#part`, `${PAGE}#part:~:text=word`],
  [`${PAGE}#part:~:text=another`, `${PAGE}#part:~:text=word`],
  [`${PAGE}?q=a-b&c=d%20e`, `${PAGE}?q=a-b&c=d%20e#:~:text=word`],
])("the rest of the address stays: %s", (address, place) => {
  expect(led({ text: "word" }, address)).toBe(place);
});

test.each([
  null,
  {},
  { text: "" },
  { text: "…" },
  { text: "x".repeat(5_000) },
  { text: "x".repeat(200_000) },
  { before: "a" },
  { text: { toString: 1 } },
  { start: Number.NaN },
  { start: "10" },
  ["text"],
  "text",
])("what names no place leaves the address as it was saved: %j", (anchor) => {
  expect(led(anchor, `${PAGE}#:~:text=as%20saved`)).toBe(`${PAGE}#:~:text=as%20saved`);
});

test.each([
  [null, PAGE],
  [{ before: "a" }, PAGE],
  [{ text: "two words" }, PAGE],
  [{ start: 61, text: "word" }, PAGE],
  [{ start: 61 }, "https://www.youtube.com/watch?v=abc"],
  [{ start: 61 }, "https://vimeo.com/123"],
  [{ start: 61 }, "https://example.org/a.mp4"],
] as const)("an address leads to %j by itself: %s", (anchor, address) => {
  expect(isNamed({ address, anchor })).toBe(true);
});

test.each([
  { start: 61 },
  { start: 61, text: "" },
  { text: "two words", isInFrame: true },
  { text: "x".repeat(5_000) },
] as const)("no address leads to %j on a page", (anchor) => {
  expect(isNamed({ address: PAGE, anchor })).toBe(false);
});

test.each([
  "javascript:alert(1)//",
  "java\nscript:alert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "mailto:a@b.c",
  "",
])("an address that is no page of the web is not opened: %j", (address) => {
  expect(led({ text: "word", start: 3 }, address)).toBeNull();
});

test.each([
  ["https://www.youtube.com/watch?v=abc", "https://www.youtube.com/watch?v=abc&t=61"],
  ["https://www.youtube.com/watch?v=abc&t=5s", "https://www.youtube.com/watch?v=abc&t=61"],
  ["https://www.youtube.com/watch?v=abc#t=5", "https://www.youtube.com/watch?v=abc&t=61"],
  ["https://m.youtube.com/live/abc?t=5&si=x", "https://m.youtube.com/live/abc?t=61&si=x"],
  ["https://youtu.be/abc", "https://youtu.be/abc?t=61"],
  ["https://www.youtube.com/embed/abc", "https://www.youtube.com/embed/abc?start=61"],
  ["https://vimeo.com/123#t=5s", "https://vimeo.com/123#t=61"],
  ["https://example.org/a.WebM?x=1#t=1", "https://example.org/a.WebM?x=1#t=61.5,70"],
])("a moment is named as its site wants it, once: %s", (address, place) => {
  expect(led({ start: 61.5, end: 70 }, address)).toBe(place);
});

test.each([
  "https://www.youtube.com/@channel",
  "https://notyoutube.com/watch?v=abc",
  "https://youtube.com.example.org/watch?v=abc",
  "https://vimeo.com/blog",
  PAGE,
])("a page that takes no moment is opened as it is: %s", (address) => {
  expect(led({ start: 61 }, address)).toBe(address);
});

test("words lead where a moment cannot", () => {
  expect(led({ start: 61, text: "word" })).toBe(`${PAGE}#:~:text=word`);
});

test.each([
  ["https://www.youtube.com/watch?v=abc&t=1h1m1s", { start: 3661 }],
  ["https://youtu.be/abc?t=62", { start: 62 }],
  ["https://www.youtube.com/watch?v=abc#t=1m2s", { start: 62 }],
  ["https://vimeo.com/123#t=1m2.5s", { start: 62.5 }],
  ["https://example.org/a.mp4#t=10,20", { start: 10, end: 20 }],
  ["https://example.org/a.mp4#t=npt:0:01:02", { start: 62 }],
  ["https://example.org/a.mp4#t=,20", { start: 0, end: 20 }],
  ["https://example.org/a.mp4#t=20,10", { start: 20 }],
])("an address that names a moment: %s", (address, moment) => {
  expect(momentIn(address)).toEqual(moment);
});

test.each([
  "https://youtu.be/abc",
  "https://youtu.be/abc?t=",
  "https://youtu.be/abc?t=0",
  "https://youtu.be/abc?t=soon",
  "https://youtu.be/abc?t=-5",
  `https://youtu.be/abc?t=${"9".repeat(400)}`,
  "https://example.org/page?t=62#t=62",
  "javascript:youtu.be/abc?t=62",
  "no address",
])("an address that names none: %s", (address) => {
  expect(momentIn(address)).toBeNull();
});

test("an address that is changed takes its moment along, and leaves words as they are", () => {
  const video = "https://youtu.be/abc";
  const anchor = { text: "word", start: 62, end: 70 };
  expect(movedAnchor({ address: `${video}?t=62`, anchor }, `${video}?t=90`)).toEqual({ text: "word", start: 90 });
  expect(movedAnchor({ address: `${video}?t=62`, anchor: { start: 62 } }, video)).toBeNull();
  expect(movedAnchor({ address: PAGE, anchor: null }, `${video}?t=90`)).toEqual({ start: 90 });
  expect(movedAnchor({ address: PAGE, anchor }, `${PAGE}/2`)).toBe(anchor);
});

test("whatever the anchor is, the same page is opened, and no fragment is longer than 5,000 characters", () => {
  const text = fc.string({ unit: "binary", maxLength: 2_000 });
  const hostile = fc.record(
    { text, before: text, after: text, start: fc.anything(), end: fc.double() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(hostile, fc.anything()), (anchor) => {
      const place = new URL(led(anchor) ?? "");
      expect(`${place.origin}${place.pathname}`).toBe(PAGE);
      expect(place.hash.length).toBeLessThan(5_000);
      expect(place.hash).toMatch(/^(?:|#:~:text=[^&\s]+)$/);
    }),
  );
});
