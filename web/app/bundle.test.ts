/** What a manifest says of a model, in words. */

import { expect, test } from "vitest";
import { measured } from "./bundle.ts";

const metrics = { accuracy: 0.9167, micro_f1: 0.8333, texts: 1200 };

test("with one label per text, the share of texts that are right is said", () => {
  const value = `91.7\u00a0% of ${(1200).toLocaleString()}`;
  expect(measured({ multiple: false, metrics })).toEqual({ name: "Right on texts that it had not seen", value });
});

test("with several labels, micro F1 is said by its name, and accuracy is not", () => {
  const value = `0.833, on ${(1200).toLocaleString()} texts`;
  expect(measured({ multiple: true, metrics })).toEqual({ name: "Micro F1 on texts that it had not seen", value });
});

test.each([
  { multiple: false, metrics: {} },
  { multiple: true, metrics: { accuracy: 0.9 } },
  { multiple: false, metrics: { accuracy: null } },
])("without the measure, nothing is made of another one: %o", (about) => {
  expect(measured(about)).toEqual({ name: "How good it is", value: "its bundle does not say" });
});
