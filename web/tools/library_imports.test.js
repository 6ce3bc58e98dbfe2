/** A folder of exports, as the bench reads it: each file's format, its rows, and why some were left out. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { intakesOf } from "./library_imports.js";

test("each file is read by itself, or refused with the reason", async () => {
  const folder = mkdtempSync(join(tmpdir(), "imports-"));
  try {
    mkdirSync(join(folder, "in"));
    const rows = "url,title\nhttps://a.example/,A\nhttps://a.example/,A\njavascript:x,B\njavascript:y,C\n";
    writeFileSync(join(folder, "a.csv"), rows);
    writeFileSync(join(folder, "in", "b.csv"), rows.slice(0, 31));
    writeFileSync(join(folder, "words.txt"), "just words");
    const [a, b, words, ...more] = await intakesOf(folder);
    const format = "Table (CSV) with named columns";
    expect(a).toMatchObject({ file: "a.csv", format, added: 1, merged: 1, skipped: 2, moreLines: 0 });
    expect(Object.values(a.reasons)).toEqual([2]);
    expect(b).toMatchObject({ file: join("in", "b.csv"), format, added: 1, skipped: 0, reasons: {} });
    expect(words.refused).toContain("no export that is known");
    expect(more).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
