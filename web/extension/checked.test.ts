/** What a page's process might say, and what of it is kept. */

import { expect, test } from "vitest";
import { LIMITS } from "../library/index.ts";
import type { Captured } from "./captured.ts";
import { checked, isAddress } from "./checked.ts";

const ADDRESS = "https://example.org/bread";
const NOTHING = { html: "", anchor: null, note: "", description: "", language: "", favicon: "", image: null };
const GOOD: Captured = { ...NOTHING, kind: "text", title: "Bread", body: "Words", address: ADDRESS };

test("what is right is kept as it is", () => {
  const anchor = { text: "Words", before: "the ", after: " of it", start: 1.5, end: 2 };
  expect(checked({ ...GOOD, anchor })).toEqual({ ...GOOD, anchor });
});

test.each([
  ["a kind that there is not", { kind: "script" }],
  ["a script as address", { address: "javascript:alert(1)" }],
  ["no address", { address: undefined }],
  ["an address without end", { address: `${ADDRESS}?${"x".repeat(LIMITS.address)}` }],
])("%s is refused", (_, part) => {
  expect(checked({ ...GOOD, ...part } as unknown as Captured)).toBe(null);
});

test("texts are cut to their limits, and what is no text is none", () => {
  const long = "x".repeat(LIMITS.body + 1);
  const kept = checked({ ...GOOD, title: long, body: long, note: 7, html: {} } as unknown as Captured);
  expect([kept?.title.length, kept?.body.length, kept?.note, kept?.html]).toEqual([LIMITS.title, LIMITS.body, "", ""]);
});

test("what a page says of itself is kept where it can be, and is not cut", () => {
  const said = { html: "<b>x</b>", description: "On bread", language: "pt_br", favicon: "https://example.org/i.png" };
  expect(checked({ ...GOOD, ...said })).toMatchObject({ ...said, language: "pt-BR" });
  const odd = { html: "x".repeat(1_000_001), description: 5, language: "<b>", favicon: "javascript:alert(1)" };
  expect(checked({ ...GOOD, ...odd } as unknown as Captured)).toMatchObject({
    ...{ html: "", description: "", language: "", favicon: "" },
  });
});

test("a letter that is cut in half is replaced", () => {
  const kept = checked({ ...GOOD, title: `${"x".repeat(LIMITS.title - 1)}\u{1F34E}` });
  expect(kept?.title.at(-1)).toBe("\uFFFD");
});

test("of an anchor, only what can be one is kept", () => {
  const anchor = { text: 5, start: 5, end: 3, other: "x" };
  expect(checked({ ...GOOD, anchor } as unknown as Captured)?.anchor).toEqual({ start: 5 });
});

test.each([
  { type: "image/png", base64: "AAAA" },
  { rect: { x: 0, y: 1, width: 2, height: 3 }, scale: 2 },
])("the picture %j is kept", (part) => {
  const image = { ...part, alt: "A pear", caption: "" } as Captured["image"];
  expect(checked({ ...GOOD, image })?.image).toEqual(image);
});

test.each([
  "image/png",
  { type: "text/html", base64: "AAAA" },
  { type: ["image/png"], base64: "AAAA" },
  { rect: { x: 0, y: 1, width: Number.POSITIVE_INFINITY, height: 3 }, scale: 2 },
  { rect: { x: 0, y: 1, width: "2", height: 3 }, scale: 2 },
  { rect: null, scale: 2 },
])("%j is no picture", (image) => {
  expect(checked({ ...GOOD, image } as unknown as Captured)?.image).toBe(null);
});

test.each(["about:blank", "chrome://newtab/", "data:text/html,x", "blob:https://example.org/1", "", null])(
  "there is no way back to %j",
  (address) => {
    expect(isAddress(address)).toBe(false);
  },
);

test.each([ADDRESS, "file:///home/me/a.pdf", "chrome://version/", "about:config"])("%j is an address", (address) => {
  expect(isAddress(address)).toBe(true);
});
