/** A file with a known number of rows in every format: each row is added, merged or left out, and none is missing. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Intake, takeIn } from "../intake.ts";
import { emptyLibrary } from "../library.testing.ts";
import { FORMATS } from "./index.ts";

/** What an app wrote: a page or a passage by itself, the first once more, a script, or an entry without anything. */
interface Saved {
  readonly kind: "new" | "again" | "script" | "nothing";
  readonly title: string;
  readonly url: string;
  /** A passage; empty where nothing is to be kept. */
  readonly text: string;
}

const SECONDS = 1_541_343_937;
const DAY = "2018-11-04T15:05:37Z";
const marked = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const table = (header: string, rows: readonly (readonly string[])[]): string =>
  [header, ...rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join())].join("\r\n");
const list = (saved: readonly Saved[], item: (one: Saved) => object): string => JSON.stringify(saved.map(item));

/** Rows of folders: the first in the outermost, the others in one within it. */
function nested<T>(rows: readonly T[]): readonly [readonly T[], readonly T[]] {
  return [rows.slice(0, 1), rows.slice(1)];
}

/** By the id of the format; each writes as the app does that it is called after. */
const WRITERS: Readonly<Record<string, (saved: readonly Saved[]) => string>> = {
  "netscape-html": (saved) => {
    const row = ({ url, title }: Saved) => `<DT><A HREF="${marked(url)}" ADD_DATE="${SECONDS}">${marked(title)}</A>\n`;
    const [outer, inner] = nested(saved.map(row));
    return `<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>${outer.join("")}<DT><H3>In</H3>\n<DL><p>${inner.join("")}</DL><p></DL><p>`;
  },
  "chrome-json": (saved) => {
    const [outer, inner] = nested(saved.map(({ url, title }) => ({ type: "url", name: title, url, date_added: "0" })));
    const other = { type: "folder", name: "Other", children: [{ type: "folder", name: "In", children: inner }] };
    const roots = { bookmark_bar: { type: "folder", name: "Bar", children: outer }, other };
    return JSON.stringify({ checksum: "0", roots, version: 1 });
  },
  "firefox-json": (saved) => {
    const type = "text/x-moz-place";
    const [outer, inner] = nested(saved.map(({ url, title }) => ({ type, title, uri: url, dateAdded: SECONDS * 1e6 })));
    const folder = { type: "text/x-moz-place-container", title: "In", children: inner };
    return JSON.stringify({ type: folder.type, root: "placesRoot", children: [...outer, folder] });
  },
  "pocket-html": (saved) => {
    const row = ({ url, title }: Saved) =>
      `<li><a href="${marked(url)}" time_added="${SECONDS}">${marked(title)}</a></li>\n`;
    const [outer, inner] = nested(saved.map(row));
    return `<!DOCTYPE html>\n<title>Pocket Export</title><h1>Unread</h1><ul>${outer.join("")}</ul><h1>Read</h1><ul>${inner.join("")}</ul>`;
  },
  "pocket-json": (saved) => {
    const items = saved.map(({ url, title }, at) => [`${at}`, { given_url: url, resolved_title: title, status: "1" }]);
    return JSON.stringify({ status: 1, list: Object.fromEntries(items) });
  },
  "pocket-highlights-json": (saved) =>
    list(saved, ({ url, title, text }) => ({
      url,
      title,
      highlights: text === "" ? [{ quote: "" }] : [{ quote: text }],
    })),
  "omnivore-json": (saved) => list(saved, ({ url, title }) => ({ slug: "s", title, url, labels: [], savedAt: DAY })),
  "pinboard-json": (saved) =>
    list(saved, ({ url, title }) => ({ href: url, description: title, extended: "", time: DAY, tags: "a b" })),
  "wallabag-json": (saved) =>
    list(saved, ({ url, title }) => ({ title, url, is_archived: 0, is_starred: 0, content: "" })),
  "readability-json": (saved) =>
    JSON.stringify({ bookmarks: saved.map(({ url, title }) => ({ article__url: url, article__title: title })) }),
  "elcurator-json": (saved) => list(saved, ({ url, title }) => ({ title, url, created_at: DAY, is_saved: true })),
  "delicious-json": (saved) =>
    list(saved, ({ url, title }) => ({ title, url, tags: ["a"], description: "", others: 1, private: "0" })),
  "karakeep-json": (saved) => {
    const item = ({ url, title }: Saved) => ({ createdAt: SECONDS, title, tags: [], content: { type: "link", url } });
    return JSON.stringify({ bookmarks: saved.map(item), lists: [] });
  },
  "linkwarden-json": (saved) => {
    const [outer, inner] = nested(saved.map(({ url, title }) => ({ name: title, url, tags: [], createdAt: DAY })));
    const collections = [outer, inner].map((links, id) => ({ id, name: `No. ${id}`, parentId: null, links }));
    return JSON.stringify({ collections });
  },
  "pinboard-xml": (saved) => {
    const post = ({ url, title }: Saved) =>
      `<post href="${marked(url)}" time="${DAY}" description="${marked(title)}" tag="a" />`;
    return `<?xml version="1.0"?><posts user="me">${saved.map(post).join("\n")}</posts>`;
  },
  feed: (saved) => {
    const item = ({ url, title }: Saved) => `<item><title>${marked(title)}</title><link>${marked(url)}</link></item>`;
    return `<?xml version="1.0"?><rss version="2.0"><channel><title>Mine</title>${saved.map(item).join("\n")}</channel></rss>`;
  },
  "cutouts-csv": (saved) =>
    table(
      "key,kind,title,address,text,note,tags,created",
      saved.map(({ url, title }, at) => [`${at}`, "page", title, url, "", "", "", DAY]),
    ),
  "pocket-csv": (saved) =>
    table(
      "title,url,time_added,tags,status",
      saved.map(({ url, title }) => [title, url, `${SECONDS}`, "a|b", "unread"]),
    ),
  "instapaper-csv": (saved) =>
    table(
      "URL,Title,Selection,Folder,Timestamp,Tags",
      saved.map(({ url, title }) => [url, title, "", "Unread", `${SECONDS}`, "[]"]),
    ),
  "raindrop-csv": (saved) =>
    table(
      "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite",
      saved.map(({ url, title }, at) => [`${at}`, title, "", "", url, "Unsorted", "", DAY, "", "", "false"]),
    ),
  "reader-csv": (saved) =>
    table(
      "Title,URL,ID,Document tags,Saved date,Reading progress,Location,Seen",
      saved.map(({ url, title }) => [title, url, "01g", "[]", DAY, "0", "new", "True"]),
    ),
  "readwise-csv": (saved) =>
    table(
      "Highlight,Book Title,Book Author,Note,Tags,Highlighted at,URL",
      saved.map(({ url, title, text }) => [text, title, "", "", "", DAY, url]),
    ),
  csv: (saved) =>
    table(
      "Link,Name,Labels",
      saved.map(({ url, title }) => [url, title, "a"]),
    ),
  json: (saved) => list(saved, ({ url, title }) => ({ href: url, name: title })),
  jsonl: (saved) => saved.map(({ url, title }) => JSON.stringify({ url, title })).join("\n"),
};

const kinds = fc.constantFrom<Saved["kind"]>("new", "new", "again", "script", "nothing");
const entry = fc.record({ kind: kinds, words: fc.string({ unit: "grapheme", maxLength: 12 }) });

/** Return the entries with their addresses: the first is a page, and each `again` is that one. */
function savedOf(entries: readonly { kind: Saved["kind"]; words: string }[]): Saved[] {
  return entries.map(({ kind, words }, at) => {
    const name = kind === "again" || at === 0 ? "0" : `${at}`;
    const title = `${words.replace(/[\s\p{Cc}]+/gu, " ")} ${at}`;
    if (kind === "nothing") return { kind, title, url: "", text: "" };
    if (kind === "script") return { kind, title, url: "javascript:alert(1)", text: "" };
    return { kind, title, url: `https://example.com/${name}?a&b`, text: `passage ${name}` };
  });
}

async function taken(text: string): Promise<Intake> {
  return await takeIn({ ...(await emptyLibrary()), now: () => SECONDS * 1e3 }, "id", new Blob([text]));
}

/** Check what became of a file in this format. */
async function checkCounts(id: string, entries: Parameters<typeof savedOf>[0]): Promise<void> {
  const saved = savedOf([{ kind: "new", words: "first" }, ...entries]);
  const count = (...wanted: Saved["kind"][]) => saved.filter(({ kind }) => wanted.includes(kind)).length;
  const { format, added, merged, skipped } = await taken(WRITERS[id]?.(saved) ?? "");
  expect(format).toBe(FORMATS.find((known) => known.id === id)?.name);
  expect(added + merged + skipped).toBe(saved.length);
  expect([added, merged, skipped]).toEqual([count("new"), count("again"), count("script", "nothing")]);
}

test("there is a writer for every format", () => {
  expect(Object.keys(WRITERS).sort()).toEqual(FORMATS.map(({ id }) => id).sort());
});

test.each(Object.keys(WRITERS))("in %s no row is lost, whatever it holds", async (id) => {
  const entries = fc.array(entry, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(entries, (given) => checkCounts(id, given)),
    { numRuns: 10 },
  );
});

test.each(Object.keys(WRITERS))("in %s no row is lost between two pieces or two commits", async (id) => {
  const kindOf = (at: number) => (["new", "new", "new", "again", "script", "nothing"] as const)[at % 6] ?? "new";
  const words = 'Words & words, <b>more</b> "quoted" '.repeat(5);
  await checkCounts(
    id,
    Array.from({ length: 605 }, (_, at) => ({ kind: kindOf(at), words })),
  );
});
