/** One moment in every spelling that exports use, and what is none. */

import { expect, test } from "vitest";
import { readTime } from "./times.ts";

const MOMENT = Date.UTC(2016, 7, 1, 5, 24, 16);

test.each([
  1470029056,
  "1470029056",
  "1470029056000",
  "1470029056000000",
  "1470029056000000000",
  "13114502656000000", // Chrome: microseconds since 1601
  "1470029056.000",
  "2016-08-01T05:24:16",
  "2016-08-01T05:24:16Z",
  "2016-08-01T05:24:16.000Z",
  "2016-08-01T07:24:16+0200",
  "2016-08-01 05:24:16+00:00",
  "2016-08-01 05:24:16 UTC",
  "Mon, 01 Aug 2016 05:24:16 GMT",
  "1 Aug 2016 00:24:16 -0500",
  "01/Aug/2016:08:24:16 +0300",
])("%s is the first of August 2016", (value) => {
  expect(readTime(value)).toBe(MOMENT);
});

test("a day alone begins at midnight, UTC", () => {
  expect(readTime("2016-08-01")).toBe(Date.UTC(2016, 7, 1));
});

test.each([
  "",
  "0",
  0,
  -5,
  "2016",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "invaliddate",
  "2016-02-30",
  "2016-13-01",
  "1 Foo 2016 00:00 GMT",
  "2016-08-01T25:00:00Z",
  "9".repeat(20),
  "9".repeat(1_000),
  null,
  undefined,
  true,
  {},
  [1470029056],
])("%s is no moment", (value) => {
  expect(readTime(value)).toBeNull();
});
