/** Errors cross the worker as plain values and are of their class again on the other side. */

import { expect, test } from "vitest";
import { BrowserError, BundleError, errorFromValue, errorValue, NetworkError } from "./errors.ts";

test.each([new BundleError("a"), new NetworkError("b"), new BrowserError("c"), new TypeError("d")])(
  "%s survives",
  (error) => {
    const back = errorFromValue(structuredClone(errorValue(error)));
    expect([back.name, back.message, back.stack]).toEqual([error.name, error.message, error.stack]);
    expect(back instanceof BundleError).toBe(error instanceof BundleError);
  },
);

test("an abort is a DOMException again", () => {
  const back = errorFromValue(errorValue(new DOMException("stopped", "AbortError")));
  expect(back).toBeInstanceOf(DOMException);
  expect(back.name).toBe("AbortError");
});

test("what is no error is told as text", () => {
  expect(errorFromValue(errorValue("odd")).message).toBe("odd");
});
