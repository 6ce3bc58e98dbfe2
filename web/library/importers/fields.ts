/** A table of field names and a way to look a name up go in; the draft of a row comes out. */

import type { Draft } from "./drafts.ts";
import type { Field, Kind } from "./incoming.ts";
import { htmlToText } from "./plain.ts";
import { LIMITS } from "./text.ts";

/** Return what a row holds under a name; `undefined` for nothing. */
export type Lookup = (name: string) => unknown;

/** Where one app keeps what; names are columns of a table or paths into an item. */
export interface Fields {
  /** The first of these that holds something. */
  readonly title?: readonly string[];
  readonly address?: readonly string[];
  readonly created?: readonly string[];
  /** Words as they stand on the page; of several passages the first. */
  readonly passage?: readonly string[];
  /** All of these that hold something, each as a paragraph. */
  readonly body?: readonly string[];
  readonly note?: readonly string[];
  readonly tags?: readonly string[];
  readonly language?: readonly string[];
  /** Paths of folders. */
  readonly folders?: readonly string[];
  /** What parts the tags of one text; without it, a text is parted as most apps do. */
  readonly tagSeparator?: string;
  readonly folderSeparator?: string;
  /** Names of folders that are the app's own, in lower case. */
  readonly roots?: ReadonlySet<string>;
  /** Names whose values are HTML. */
  readonly html?: ReadonlySet<string>;
  /** What a cell of a table says, if that is not what is written in it. */
  readonly cell?: (written: string) => string;
  readonly kind?: (lookup: Lookup) => Kind | undefined;
  readonly isTrashed?: (lookup: Lookup) => boolean;
}

/** Return the draft of the row; `outer` are folders that the row itself does not know. */
export function draftOf(row: number, lookup: Lookup, fields: Fields, outer: readonly string[] = []): Draft {
  const cut = new Set<Field>();
  const first = (names: readonly string[] = []): string => names.map((n) => textOf(lookup(n))).find(isFilled) ?? "";
  const all = (field: "body" | "note"): string => {
    const values = (fields[field] ?? []).map((name) => {
      const value = textOf(lookup(name));
      if (!fields.html?.has(name) || !/[<&]/.test(value)) return value;
      const { text, isCut } = htmlToText(value, LIMITS[field]);
      if (isCut) cut.add(field);
      return text;
    });
    return [...new Set(values.filter(isFilled))].join("\n\n");
  };
  return {
    row,
    kind: fields.kind?.(lookup),
    title: first(fields.title),
    body: all("body"),
    note: all("note"),
    address: first(fields.address),
    passage: (fields.passage ?? []).flatMap(lookup).map(textOf).find(isFilled),
    tags: [...outer, ...foldersOf(lookup, fields), ...tagsOf(lookup, fields)],
    created: (fields.created ?? []).flatMap(lookup).find((value) => isFilled(textOf(value))),
    isTrashed: fields.isTrashed?.(lookup),
    language: first(fields.language),
    cut,
  };
}

/** Return the text of a value: a list's texts as paragraphs, nothing for an object. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.filter((item) => typeof item === "string").join("\n\n");
  return "";
}

/** Return what lies at a path such as `content.url`; a list on the way gives the list of what its items hold. */
export function at(item: unknown, path: string): unknown {
  let found = item;
  for (const name of path.split(".")) {
    found = Array.isArray(found) ? found.map((each) => own(each, name)) : own(found, name);
  }
  return found;
}

/** Return an object's own value: names such as `__proto__` and `constructor` are a stranger's to choose. */
export function own(item: unknown, name: string): unknown {
  if (typeof item !== "object" || item === null || !Object.hasOwn(item, name)) return undefined;
  return (item as Readonly<Record<string, unknown>>)[name];
}

function isFilled(text: string): boolean {
  return text.trim() !== "";
}

function foldersOf(lookup: Lookup, { folders = [], folderSeparator, roots }: Fields): string[] {
  const paths = folders.flatMap((name) => listOf(lookup(name)));
  const names = folderSeparator === undefined ? paths : paths.flatMap((path) => path.split(folderSeparator));
  return names.filter((name) => !roots?.has(name.trim().toLowerCase()));
}

function tagsOf(lookup: Lookup, { tags = [], tagSeparator }: Fields): string[] {
  return tags.flatMap((name) => {
    const value = lookup(name);
    return typeof value === "string" ? splitTags(value, tagSeparator) : listOf(value);
  });
}

/** Return the names in a list of texts, of objects with a name, or in an object whose names are the tags. */
function listOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.map((item) => textOf(own(item, "name") ?? own(item, "label") ?? item));
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

function splitTags(text: string, separator: string | undefined): string[] {
  const list = text.trim();
  // A list as Python or JSON writes it: ['one', 'two'] in Readwise, ["one"] in Instapaper.
  if (list.startsWith("[") && list.endsWith("]")) {
    const tags = list.slice(1, -1).split(",");
    return tags.map((tag) => tag.trim().replace(/^["']|["']$/g, ""));
  }
  if (separator !== undefined) return text.split(separator);
  const found = [",", "|", ";"].find((mark) => text.includes(mark));
  return found === undefined ? [text] : text.split(found);
}
