/** Whatever file is chosen: rows, reasons or an ImportError, in order, in time, and until the signal says stop. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FORMATS, formatOf, ImportError, LIMITS, type Row, readExport, recognise } from "./index.ts";
import { incomingOf, rowsOf, SAMPLES } from "./samples.testing.ts";

/** Return the rows that could be read, and the error that ended it, which may only be an ImportError. */
async function outcomeOf(
  content: BlobPart,
  format = undefined as (typeof FORMATS)[number] | undefined,
): Promise<Row[]> {
  const rows: Row[] = [];
  try {
    for await (const row of readExport(new Blob([content]), format && { format })) rows.push(row);
  } catch (error) {
    expect(error).toBeInstanceOf(ImportError);
  }
  return rows;
}

function checkRows(rows: readonly Row[], hasLines = false): void {
  for (const row of rows) {
    if ("why" in row) {
      expect(row.why).not.toBe("");
      expect(row.sample.length).toBeLessThanOrEqual(LIMITS.sample);
      continue;
    }
    for (const text of [row.title, row.body, row.note, row.address, ...row.tags]) {
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toMatch(/[^\P{Cc}\n\t]/u);
    }
    expect(row.title.length).toBeLessThanOrEqual(LIMITS.title);
    expect(row.address === "" && row.body === "" && row.note === "").toBe(false);
    expect(row.address).not.toMatch(/^(?:javascript|data|vbscript|place|about):/i);
  }
  // No row is missing, and they come in order; a file of lines may have empty ones.
  const places = rows.map(({ row }) => row);
  const inOrder = hasLines ? [...new Set(places)].sort((a, b) => a - b) : places.map((_, i) => i + 1);
  expect(places).toEqual(inOrder);
}

describe("hostile files", () => {
  test("random bytes give rows or an ImportError, whatever format they are said to be", async () => {
    const format = fc.constantFrom(undefined, ...FORMATS);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), format, async (bytes, said) => {
        const content = new Uint8Array(bytes);
        checkRows(await outcomeOf(content, said), (said ?? (await recognise(new Blob([content]))))?.id === "jsonl");
      }),
      { numRuns: 300 },
    );
  });

  test.each(Object.entries(SAMPLES))("mutations of %s give rows or an ImportError", async (id, { text }) => {
    const bytes = new TextEncoder().encode(text);
    const place = fc.nat(bytes.length);
    const change = fc.oneof(
      fc.record({ kind: fc.constant("cut" as const), at: place, to: place }),
      fc.record({ kind: fc.constant("double" as const), at: place, to: place }),
      fc.record({ kind: fc.constant("flip" as const), at: place, to: fc.nat(255) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        let found = [...bytes];
        for (const { kind, at, to } of changes) {
          if (kind === "cut") found.splice(Math.min(at, to), Math.abs(to - at));
          else if (kind === "double") found = [...found.slice(0, Math.max(at, to)), ...found.slice(Math.min(at, to))];
          else found[at] = (found[at] ?? 0) ^ to;
        }
        const mutated = Uint8Array.from(found);
        checkRows(await outcomeOf(mutated), (await recognise(new Blob([mutated])))?.id === "jsonl");
        checkRows(await outcomeOf(mutated, formatOf(id)), id === "jsonl");
      }),
      { numRuns: 40 },
    );
  });

  test("a file of tags, quotes and brackets alone ends", async () => {
    for (const unit of ["<", "<a", "<dl><dt>", "&", "&#", '"', '",', "[", '{"a":', "\r", "\u0000", "]]>", "<!--"]) {
      for (const id of ["netscape-html", "feed", "csv", "jsonl", "json"]) {
        checkRows(await outcomeOf(unit.repeat(100_000), formatOf(id)), id === "jsonl");
      }
    }
  });
});

describe("what was written is read", () => {
  const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
  const line = word.map((text) => text.replace(/[\s\p{Cc},]+/gu, " ").trim()).filter((text) => text !== "");
  const item = fc.record({
    title: line,
    note: line,
    tags: fc.uniqueArray(line, { maxLength: 3 }),
    seconds: fc.integer({ min: 7e8, max: 4e9 }),
  });
  type Item = typeof item extends fc.Arbitrary<infer T> ? T : never;
  const escaped = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const url = (i: number): string => `https://example.com/${i}`;

  const WRITERS: Readonly<Record<string, (items: readonly Item[]) => string>> = {
    "netscape-html": (items) => {
      const rows = items.map(
        ({ title, note, tags, seconds }, i) =>
          `<DT><A HREF="${url(i)}" ADD_DATE="${seconds}" TAGS="${escaped(tags.join(","))}">${escaped(title)}</A>\n<DD>${escaped(note)}\n`,
      );
      return `<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n${rows.join("")}</DL><p>`;
    },
    csv: (items) => {
      const rows = items.map(({ title, note, tags, seconds }, i) =>
        [url(i), seconds, quoted(title), quoted(note), quoted(`${tags.join(",")},`)].join(),
      );
      return ["url,created,title,note,tags", ...rows].join("\r\n");
    },
    jsonl: (items) =>
      items.map((each, i) => JSON.stringify({ url: url(i), created: each.seconds, ...each })).join("\n"),
    "omnivore-json": (items) =>
      JSON.stringify(
        items.map(({ title, note, tags, seconds }, i) => {
          return { slug: "s", url: url(i), title, description: note, labels: tags, savedAt: new Date(seconds * 1e3) };
        }),
      ),
  };

  test.each(Object.entries(WRITERS))("in %s", async (id, write) => {
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 5 }), async (items) => {
        const format = formatOf(id);
        const rows = await incomingOf(write(items), format && { format });
        const found = rows.map(({ title, note, body, tags, created }) => ({
          title,
          note: note || body,
          tags,
          created,
        }));
        expect(found).toEqual(items.map(({ seconds, ...rest }) => ({ ...rest, created: seconds * 1e3 })));
        expect(rows.map(({ address }) => address)).toEqual(items.map((_, i) => url(i)));
      }),
    );
  });
});

describe("the signal", () => {
  const long = `{"url":"https://a.example/"}\n`.repeat(2_000);

  test("stops a file that is being read, with its own reason", async () => {
    const stop = new AbortController();
    const rows: Row[] = [];
    const read = async (): Promise<void> => {
      for await (const row of readExport(new Blob([long]), { signal: stop.signal })) {
        rows.push(row);
        if (rows.length === 250) stop.abort(new Error("enough"));
      }
    };
    await expect(read()).rejects.toThrow("enough");
    expect(rows).toHaveLength(400);
  });

  test("that has gone before stops it at once", async () => {
    await expect(rowsOf(long, { signal: AbortSignal.abort(new Error("never")) })).rejects.toThrow("never");
  });

  test("is not needed for other work to go on", async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    });
    await rowsOf(long.repeat(10));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });
});

test("a JSON file that is too large is refused before it is read", async () => {
  const [format] = FORMATS.filter(({ id }) => id === "pinboard-json");
  // A blob of the same few megabytes many times over takes no memory of its own.
  const part = new Blob([" ".repeat(8 * 2 ** 20)]);
  const file = new Blob(Array<Blob>(33).fill(part));
  await expect(readExport(file, format && { format }).next()).rejects.toThrow(
    "the file has 276,824,064 bytes, at most 268,435,456 of JSON are read: export it in parts",
  );
});

test("a JSON file that is cut off says so", async () => {
  const { text } = SAMPLES["pinboard-json"] ?? { text: "" };
  await expect(rowsOf(text.slice(0, -20))).rejects.toThrow(/^the file is not whole JSON \(.+\): export it again/);
});

test("a file that can no longer be read says so", async () => {
  class Gone extends Blob {
    override slice = (): Blob => this;
    override arrayBuffer = (): Promise<ArrayBuffer> => Promise.reject(new DOMException("gone", "NotReadableError"));
  }
  await expect(recognise(new Gone(["x"]))).rejects.toThrow(
    new ImportError("the file cannot be read (gone): check that it is still there, then choose it again"),
  );
});

test("10,000 bookmarks are 10,000 rows", async () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => `<DT><A HREF="https://a.example/${i}">${i}</A>\n`);
  const found = await incomingOf(`<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><p>${rows.join("")}</DL>`);
  expect(found.map(({ row }) => row)).toEqual(rows.map((_, i) => i + 1));
});
