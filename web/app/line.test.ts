/** What the other side of a hand-over says is checked before anything is made of it. */

import { expect, test } from "vitest";
import { checkedSaid, Line, PIECE, type Said } from "./line.ts";

const INTAKE = { format: "zip", added: 1, merged: 2, skipped: 3, isChange: true, isStopped: false, moreLines: 4 };
const LINE = { row: 1, did: "merged", sample: "a", why: "b" } as const;

test.each<Said>([
  { type: "give" },
  { type: "take" },
  { type: "got" },
  { type: "stop" },
  { type: "begins", size: 0 },
  { type: "piece", base64: "AAAA" },
  { type: "rows", rows: 7 },
  { type: "failed", why: "no room" },
  { type: "done", intake: { ...INTAKE, lines: [LINE] } },
])("$type is heard as it was said", (said) => {
  expect(checkedSaid(structuredClone(said))).toEqual(said);
});

test.each([
  null,
  undefined,
  "give",
  [],
  {},
  { type: "save" },
  { type: "begins" },
  { type: "begins", size: -1 },
  { type: "begins", size: 0.5 },
  { type: "begins", size: "5" },
  { type: "begins", size: 2 ** 32 },
  { type: "piece", base64: 1 },
  { type: "piece", base64: "A".repeat(2 * PIECE + 1) },
  { type: "rows", rows: Number.NaN },
])("%o is not understood", (value) => {
  expect(checkedSaid(value)).toBeNull();
});

test("of a report, numbers are numbers and texts are short, whatever was said", () => {
  const lines = [{ row: "1", did: "ran", sample: {}, why: "x".repeat(5000) }];
  expect(checkedSaid({ type: "done", intake: { added: "9", merged: -1, isChange: "yes", lines } })).toEqual({
    type: "done",
    intake: {
      ...{ format: "", added: 0, merged: 0, skipped: 0, isChange: false, isStopped: false, moreLines: 0 },
      lines: [{ row: 0, did: "skipped", sample: "", why: "x".repeat(1000) }],
    },
  });
});

test("what was said before the end is heard before the end is", async () => {
  const line = new Line(() => undefined);
  line.receive({ type: "got" });
  line.cut("the tab was closed");
  expect(await line.next("got")).toEqual({ type: "got" });
  await expect(line.next("got")).rejects.toThrow("the tab was closed");
});

test("a wait ends with what the other side could not do", async () => {
  const line = new Line(() => undefined);
  const next = line.next("begins");
  line.receive({ type: "failed", why: "there is no room" });
  await expect(next).rejects.toThrow("there is no room");
  expect(line.stopped.aborted).toBe(false);
});

test("a stop of the other side is told, and it can still be answered", () => {
  const sent: Said[] = [];
  const line = new Line((said) => sent.push(said));
  line.receive({ type: "stop" });
  expect(line.stopped.aborted).toBe(true);
  line.send({ type: "got" });
  line.cut("gone");
  line.send({ type: "got" });
  expect(sent).toEqual([{ type: "got" }]);
});

test("what comes out of turn is refused by name", async () => {
  const line = new Line(() => undefined);
  line.receive({ type: "rows", rows: 1 });
  await expect(line.next("got", "piece")).rejects.toThrow("said “rows”, expected “got” or “piece”");
});
