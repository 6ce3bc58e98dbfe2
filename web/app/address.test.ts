/** Addresses as a person writes them. */

import { expect, test } from "vitest";
import { writtenAddress } from "./address.ts";

test.each([
  ["example.org/foo", "https://example.org/foo"],
  [" example.org ", "https://example.org"],
  ["//example.org/a b", "https://example.org/a b"],
  ["example.org:8080/x", "https://example.org:8080/x"],
  ["localhost:8000", "https://localhost:8000"],
  ["192.168.0.1/x", "https://192.168.0.1/x"],
  ["bücher.example?q=1", "https://bücher.example?q=1"],
  ["https://example.org/a", "https://example.org/a"],
  ["HTTP://example.org", "HTTP://example.org"],
  ["mailto:someone@example.org", "mailto:someone@example.org"],
  ["", ""],
])("%s is the address %s", (text, address) => {
  expect(writtenAddress(text)).toEqual({ text: address });
});

test.each([
  ["a book of mine", "the address is not absolute"],
  ["page 12", "the address is not absolute"],
  ["12.5", "the address is not absolute"],
  ["/foo", "the address is not absolute"],
  ["https://", "the address is damaged"],
  ["javascript:alert(1)", "a bookmarklet (javascript:) is code, not a page"],
  ["isbn:123", "an address that begins with isbn: is not one of a page"],
])("%s is no address, and why is said", (text, why) => {
  const written = writtenAddress(text);
  expect(written.text).toBe("");
  expect(written.why).toContain(why);
});
