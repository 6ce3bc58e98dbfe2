/** Only addresses that lead to a place come out, normalised; everything else says why not. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { readAddress } from "./addresses.ts";

test.each([
  ["https://example.com", "https://example.com/"],
  [" HTTPS://Example.com/A b ", "https://example.com/A%20b"],
  ["https://example.com/a\n  b", "https://example.com/a%20b"],
  ["ftp://files.example/x", "ftp://files.example/x"],
  ["file:///home/me/a.pdf", "file:///home/me/a.pdf"],
])("%j is %s", (raw, address) => {
  expect(readAddress(raw)).toEqual({ address });
});

test.each([
  ["javascript:alert(1)", "bookmarklet"],
  [" java\nscript:alert(1)", "bookmarklet"],
  ["\u0001JavaScript:alert(1)", "bookmarklet"],
  ["vbscript:x", "bookmarklet"],
  ["data:text/html,x", "data:"],
  ["place:sort=8", "smart folder"],
  ["about:config", "about:"],
  ["chrome://flags", "begins with chrome:"],
  ["blob:https://example.com/1", "begins with blob:"],
])("%j is refused by name", (raw, name) => {
  expect(readAddress(raw)).toMatchObject({ address: "", isRefused: true, why: expect.stringContaining(name) });
});

test.each(["?note", "/shaare/abc", "example.com/a", "//example.com"])("%s is not absolute", (raw) => {
  expect(readAddress(raw).why).toBe("the address is not absolute: expected one such as https://…");
});

test("a damaged address says that no browser can open it", () => {
  expect(readAddress("https://exa mple:99999/").why).toContain("no browser can open it");
});

test("an address is never shortened, since its beginning is another address", () => {
  const { address, why } = readAddress(`https://example.com/${"a".repeat(8_000)}`);
  expect([address, why]).toEqual(["", "the address has 8,020 characters, at most 8,000 are kept"]);
});

test("nothing is no address and no fault", () => {
  expect(readAddress(" \n")).toEqual({ address: "" });
});

test("whatever goes in, what comes out has an allowed scheme", () => {
  const scheme = fc.constantFrom("javascript:", "https:", "JAVASCRIPT:", "\tdata:", "j\navascript:", "");
  fc.assert(
    fc.property(scheme, fc.string({ unit: "binary" }), (start, rest) => {
      const { address } = readAddress(start + rest);
      if (address !== "") expect(address).toMatch(/^(?:https?|s?ftps?|file|gopher|gemini|feed|magnet|mailto):/);
    }),
  );
});
