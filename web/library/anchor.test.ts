/** Anchors of strangers: what cannot be one is left out and told. */

import { expect, test } from "vitest";
import { ANCHOR_LIMITS, checkedAnchor } from "./anchor.ts";

test.each([
  { text: "a passage", before: "before it", after: "after it" },
  { start: 0, end: 15 },
  { start: 61.5 },
  { text: "in a frame", isInFrame: true },
  { text: "x".repeat(ANCHOR_LIMITS.text), start: ANCHOR_LIMITS.seconds },
])("an anchor is kept as it is: %j", (anchor) => {
  expect(checkedAnchor(JSON.parse(JSON.stringify(anchor)))).toEqual({ anchor, isCut: false });
});

test("no anchor is no loss", () => {
  for (const none of [null, undefined]) expect(checkedAnchor(none)).toEqual({ anchor: null, isCut: false });
});

test.each([
  ...["text", 7, true, [], [{ text: "a" }], {}],
  { text: 7 },
  { text: ["a"] },
  { start: "10" },
  { start: Number.NaN },
  { start: Number.POSITIVE_INFINITY },
  { start: -1 },
  { start: 1e300 },
  { end: 5 },
  { isInFrame: "yes" },
  { text: "x".repeat(ANCHOR_LIMITS.text + 1) },
  JSON.parse('{"__proto__": {"text": "a"}, "constructor": 1}'),
])("what cannot be an anchor is none and told", (value) => {
  expect(checkedAnchor(value)).toEqual({ anchor: null, isCut: true });
});

test("of an anchor with odd parts the others are kept", () => {
  const odd = { text: "a", before: "b".repeat(1_001), after: null, start: 9, end: 3, href: "javascript:alert(1)" };
  expect(checkedAnchor(odd)).toEqual({ anchor: { text: "a", start: 9 }, isCut: true });
});
