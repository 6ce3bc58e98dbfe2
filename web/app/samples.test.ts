/** The samples as a library reads them. */

import { expect, test } from "vitest";
import { openLines } from "../library/copies/lone.ts";
import { SAMPLES, samplesFile } from "./samples.ts";

test("each sample comes back from the file whole, the first saved last", async () => {
  const copy = await openLines(samplesFile(1.76e12));
  const rows = [];
  for await (const row of copy?.rows(() => false) ?? []) rows.push(row);
  const records = rows.flatMap((row) => ("record" in row ? [row] : []));
  expect(records.map(({ cut }) => cut)).toEqual(SAMPLES.map(() => []));
  expect(records.map(({ record: { kind, title, body, address } }) => ({ kind, title, body, address }))).toEqual(
    SAMPLES.map(({ kind, title, body, address }) => ({ kind, title, body, address })),
  );
  const created = records.map(({ record }) => record.created);
  expect(created).toEqual([...created].sort((a, b) => b - a));
  expect(new Set(records.map(({ record }) => record.key)).size).toBe(SAMPLES.length);
});

test("there are 8 to 12 samples of three kinds, each with a page over https", () => {
  expect(SAMPLES.length).toBeGreaterThanOrEqual(8);
  expect(SAMPLES.length).toBeLessThanOrEqual(12);
  expect(new Set(SAMPLES.map(({ kind }) => kind)).size).toBe(3);
  for (const { address } of SAMPLES) expect(new URL(address).protocol).toBe("https:");
});
