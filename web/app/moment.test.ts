/** What the link of a cutout says, and which part of a video a person means. */

import { expect, test } from "vitest";
import { linkText, whereabouts, writtenMoment, writtenTime } from "./moment.ts";

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

test.each([
  ["0:15", "1:05", { start: 15, end: 65 }],
  ["0:12", "1:05", { start: 12.5, end: 65 }], // as it was shown: its tenths stay
  ["1:05", "0:15", { start: 15, end: 65 }],
  ["0:15", "", { start: 15 }],
  ["0:15", "0:15", { start: 15 }],
  ["", "0:20", { start: 0, end: 20 }],
  ["90", "2m", { start: 90, end: 120 }],
])("from %j to %j is %j", (start, end, moment) => {
  expect(writtenMoment({ text: "words", start: 12.5 }, start, end)).toEqual(moment);
});

test("times that were not changed change nothing", () => {
  expect(writtenMoment({ start: 12.5, end: 20.1 }, "0:12", "0:20")).toBeNull();
  expect(writtenMoment(null, "", "")).toBeNull();
  expect(writtenMoment({ start: 12.5, end: 20.1 }, "0:12", "")).toEqual({ start: 12.5 });
});

test.each(["soon", "1:2:3:4", "-5", "1:75:99x"])("%j is no time", (text) => {
  expect(writtenTime(text)).toEqual({ text: "", why: "A time is written as 1:23 or 1:02:03" });
});

test.each(["", " 1:23 ", "62.5", "1m2s", "1:02:03"])("%j is a time, or none", (text) => {
  expect(writtenTime(text)).toEqual({ text: text.trim() });
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
