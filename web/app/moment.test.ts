/** What the link of a cutout says. */

import { expect, test } from "vitest";
import { linkText } from "./moment.ts";

const VIDEO = "https://www.youtube.com/watch?v=abc";

test.each([
  [VIDEO, 83, "Open the page at 1:23"],
  [VIDEO, 59.9, "Open the page at 0:59"],
  [VIDEO, 0, "Open the page at 0:00"],
  ["https://vimeo.com/12345", 3723, "Open the page at 1:02:03"],
  ["https://example.org/film.webm", 600, "Open the page at 10:00"],
])("%s at second %d: %s", (address, start, text) => {
  expect(linkText({ address, anchor: { start } })).toBe(text);
});

test("where no moment is led to, none is named", () => {
  expect(linkText({ address: "https://example.org/page", anchor: { start: 83 } })).toBe("Open the page");
  expect(linkText({ address: VIDEO, anchor: { text: "some words" } })).toBe("Open the page");
  expect(linkText({ address: VIDEO, anchor: null })).toBe("Open the page");
});
