/** Where the app may be, and what a browser is asked for then. */

import { expect, test } from "vitest";
import { patternOf, siteOfApp } from "./site.ts";

test.each([
  ["https://example.org/cutouts/library.html?a#b", "https://example.org"],
  ["https://example.org:8443/", "https://example.org:8443"],
  ["http://127.0.0.1:8000/library.html", "http://127.0.0.1:8000"],
  ["http://localhost/library.html", "http://localhost"],
])("the app may be at %s", (address, site) => {
  expect(siteOfApp(address)).toBe(site);
});

test.each([
  "",
  "library.html",
  "http://example.org/library.html",
  "http://127.0.0.1.example.org/",
  "http://localhost@example.org/",
  "http://[::1]/",
  "file:///library.html",
  "chrome-extension://abc/panel.html",
  "blob:https://example.org/1",
  "javascript:alert(1)",
])("no app is at “%s”", (address) => {
  expect(siteOfApp(address)).toBeNull();
});

test("the browser is asked for one site alone, with its port where it knows ports", () => {
  expect(patternOf("http://127.0.0.1:8000", { hasPorts: true })).toBe("http://127.0.0.1:8000/*");
  expect(patternOf("http://127.0.0.1:8000", { hasPorts: false })).toBe("http://127.0.0.1/*");
  expect(patternOf("https://example.org", { hasPorts: true })).toBe("https://example.org/*");
});
