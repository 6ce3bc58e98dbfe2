/** What the link of a cutout says. */

import { expect, test } from "vitest";
import { linkText, whereabouts } from "./moment.ts";

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

test("where nothing leads to the place, a person is told where it is", () => {
  expect(whereabouts({ anchor: { start: 83.9 } })).toBe("The page is open. The moment is at 1:23.");
  expect(whereabouts({ anchor: { text: "two\n\u202elines", isInFrame: true } })).toBe(
    "The page is open. Look there for “two lines”.",
  );
  expect(whereabouts({ anchor: { text: "nine char ".repeat(9), isInFrame: true } })).toMatch(
    /“(?:nine char ?){6}(?<! )”/,
  );
});
