/** The packages of what was bundled, and the text about them. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { rolldown } from "rolldown";
import { afterEach, beforeEach, expect, test } from "vitest";
import { licences, notePackages, packageOf } from "./licences.js";

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "licences-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(name, files) {
  const place = join(folder, "node_modules", name);
  mkdirSync(place, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(place, file), text);
  return place;
}

test("a module is of the innermost package around it, or of none", () => {
  expect(packageOf("/w/node_modules/a/node_modules/@b/c/dist/x.js")).toBe("/w/node_modules/a/node_modules/@b/c");
  expect(packageOf("/w/node_modules/preact/hooks/x.mjs")).toBe("/w/node_modules/preact");
  expect(packageOf("C:\\w\\node_modules\\@b\\c\\x.js")).toBe("C:\\w\\node_modules\\@b\\c");
  expect(packageOf("/w/app/main.ts")).toBeUndefined();
  expect(packageOf("virtual:manifest-validator")).toBeUndefined();
});

test("what is bundled is noted, and what is left out is not", async () => {
  install("kept", { "package.json": "{}", "index.js": "export const kept = document.title;" });
  install("idle", { "package.json": "{}", "index.js": "export const idle = 1;" });
  const entry = join(folder, "main.js");
  writeFileSync(entry, 'import { kept } from "kept"; import { idle } from "idle"; console.log(kept);');
  const packages = new Set();
  const bundle = await rolldown({ input: entry, plugins: [notePackages(packages)] });
  await bundle.generate();
  await bundle.close();
  expect([...packages].map((path) => basename(path))).toEqual(["kept"]);
});

test("each package is named with its licence, in order, and the text that it has", () => {
  const b = install("b", {
    "package.json": '{"name":"b","version":"2.0.0","license":"MIT"}',
    "LICENSE.md": "b's text\n",
  });
  const a = install("@x/a", {
    "package.json": '{"name":"@x/a","version":"1.0.0","license":"Apache-2.0","homepage":"https://a.example"}',
  });
  const text = licences(new Set([b, a]));
  expect(text).toMatch(/^Cutouts, Apache-2\.0\n\n\s*Apache License/);
  expect(text).toContain("parts of 2 packages");
  expect(text.indexOf("@x/a 1.0.0, Apache-2.0\nhttps://a.example\n")).toBeGreaterThan(0);
  expect(text.indexOf("b 2.0.0, MIT\n\nb's text\n")).toBeGreaterThan(text.indexOf("@x/a"));
});

test("a package without a licence is refused", () => {
  const c = install("c", { "package.json": '{"name":"c","version":"1.0.0"}' });
  expect(() => licences(new Set([c]))).toThrow("c names no licence");
});
