/** The beginning of a file goes in; the format it is in comes out, or what it is instead and what to do. */

import { APPS, plainItems } from "./apps.ts";
import { chromeItems } from "./chrome_json.ts";
import { columnName, PLAIN, TABLES } from "./columns.ts";
import { CsvReader, readHeader } from "./csv.ts";
import { FeedReader } from "./feeds.ts";
import type { Fields } from "./fields.ts";
import { firefoxItems } from "./firefox_json.ts";
import type { RowReader } from "./incoming.ts";
import { type ItemsOf, JsonReader } from "./json.ts";
import { JsonLinesReader } from "./jsonl.ts";
import { NetscapeReader } from "./netscape.ts";

/** A format that is read. */
export interface Format {
  readonly id: string;
  /** What a person calls it. */
  readonly name: string;
  /** Whether it can only be read as a whole. */
  readonly isWhole: boolean;
  readonly reader: () => RowReader;
}

const json = (id: string, name: string, items: ItemsOf): Format => {
  return { id, name, isWhole: true, reader: () => new JsonReader(name, items) };
};
const csv = (id: string, name: string, fields: Fields): Format => {
  return { id, name, isWhole: false, reader: () => new CsvReader(fields) };
};
const streamed = (id: string, name: string, reader: () => RowReader): Format => ({ id, name, isWhole: false, reader });

/** Every format, in the order in which people are likely to look for theirs. */
export const FORMATS: readonly Format[] = [
  streamed("netscape-html", "Bookmarks (HTML) of a browser or a service", () => new NetscapeReader()),
  json("chrome-json", "Chrome, Edge, Brave, Vivaldi or Opera (Bookmarks file)", chromeItems),
  json("firefox-json", "Firefox (backup)", firefoxItems),
  streamed("pocket-html", "Pocket (HTML)", () => new NetscapeReader()),
  ...APPS.map(({ id, name, items }) => json(id, name, items)),
  streamed("pinboard-xml", "Pinboard (XML)", () => new FeedReader()),
  streamed("feed", "RSS or Atom feed", () => new FeedReader()),
  ...TABLES.map(({ id, name, fields }) => csv(id, name, fields)),
  csv("csv", "Table (CSV) with named columns", PLAIN),
  json("json", "JSON list with named fields", plainItems),
  streamed("jsonl", "JSON Lines with named fields", () => new JsonLinesReader(PLAIN)),
];

/** What people choose by mistake, by how it begins, and what to do instead. */
const OTHERS: readonly (readonly [string | RegExp, string])[] = [
  ["PK\u0003\u0004", "a ZIP archive: unpack it, then choose the file in it"],
  ["\u001f", "compressed: unpack it, then choose the file in it"],
  ["mozLz40", "one of Firefox's automatic backups: choose Backup… in Firefox's bookmark window to save it as JSON"],
  ["SQLite format 3", "a database: export the bookmarks as HTML from the app it belongs to"],
  [
    /^bplist00|^\s*<\?xml[^>]{0,99}>\s*<!DOCTYPE plist/i,
    "a property list: choose File, Export, Bookmarks in Safari instead",
  ],
  ["%PDF-", "a PDF: export the list as HTML, CSV or JSON"],
  [/<opml[\s>]/i, "a list of feeds (OPML), not of saved pages: it is read by feed readers"],
  [
    /<title>\s*My Activity/i,
    "Google's My Activity, what you visited and not what you saved: export Chrome's bookmarks instead",
  ],
];

/** Return the format with this id. */
export function formatOf(id: string): Format | undefined {
  return FORMATS.find((format) => format.id === id);
}

/** Return the format that a file with this beginning is in; `isAll` says that there is no more. */
export function formatOfHead(head: string, isAll: boolean): Format | undefined {
  if (othersOf(head) !== undefined) return undefined;
  const start = head.trimStart();
  const id = start.startsWith("<")
    ? markupId(start)
    : start.startsWith("{") || start.startsWith("[")
      ? jsonId(start, isAll)
      : tableId(start, isAll);
  return id === undefined ? undefined : formatOf(id);
}

/** Return what a file with this beginning is instead, and what to do. */
export function othersOf(head: string): string | undefined {
  const begins = (sign: string | RegExp): boolean =>
    typeof sign === "string" ? head.startsWith(sign) : sign.test(head.slice(0, 4_096));
  return OTHERS.find(([sign]) => begins(sign))?.[1];
}

function markupId(head: string): string | undefined {
  if (/<posts[\s>]/i.test(head)) return "pinboard-xml";
  if (/<(?:rss|feed|rdf:rdf)[\s>]/i.test(head)) return "feed";
  if (/<!doctype netscape-bookmark-file/i.test(head)) return "netscape-html";
  if (/<title>\s{0,99}pocket export/i.test(head) || /<a\s[^>]{1,2000}\btime_added=/i.test(head)) return "pocket-html";
  return /<dl[\s>]/i.test(head) && /<dt[\s>]/i.test(head) ? "netscape-html" : undefined;
}

function jsonId(head: string, isAll: boolean): string | undefined {
  const names = new Set(Array.from(head.matchAll(/"([^"\\]{1,40})"\s*:/g), (found) => found[1] ?? ""));
  const isPlain = hasPlain(new Set(Array.from(names, columnName)));
  if (isLines(head, isAll)) return isPlain ? "jsonl" : undefined;
  const hasAll = (wanted: readonly string[]): boolean => wanted.every((name) => names.has(name));
  if (hasAll(["roots"]) && (hasAll(["bookmark_bar"]) || hasAll(["checksum"]))) return "chrome-json";
  if (names.has("children") && head.includes("text/x-moz-place")) return "firefox-json";
  const app = APPS.find(({ signature }) => hasAll(signature));
  if (app !== undefined) return app.id;
  return isPlain ? "json" : undefined;
}

/** Return whether the first line is an object by itself and the next begins another. */
function isLines(head: string, isAll: boolean): boolean {
  const end = head.indexOf("\n");
  if (!head.startsWith("{") || end === -1) return false;
  const rest = head.slice(end).trimStart();
  if (rest === "" ? !isAll : !rest.startsWith("{")) return false;
  try {
    JSON.parse(head.slice(0, end));
    return rest !== "";
  } catch {
    return false;
  }
}

function tableId(head: string, isAll: boolean): string | undefined {
  const names = new Set(readHeader(head, isAll)?.names);
  const found = TABLES.find(({ columns }) => columns.every((column) => names.has(column)));
  if (found !== undefined) return found.id;
  return hasPlain(names) ? "csv" : undefined;
}

function hasPlain(names: ReadonlySet<string>): boolean {
  return [...(PLAIN.address ?? []), ...(PLAIN.body ?? [])].some((name) => names.has(name));
}
