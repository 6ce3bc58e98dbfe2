/** What apps that export JSON call their fields, as data: a signature, where the items lie, and a table of names.
 *
 * Names as in wallabag's importers and fixtures (wallabag, Omnivore, Readability, Delicious, elCurator), Pinboard's
 * API, Pocket's API (`/v3/get`) and the entries of its last export (annotations: url, title, highlights of quote and
 * created_at), Karakeep's packages/shared/import-export/exporters.ts, and Linkwarden's exportData and importer.
 */

import { PLAIN } from "./columns.ts";
import { at, draftOf, type Fields, type Lookup, own, textOf } from "./fields.ts";
import type { Kind } from "./incoming.ts";
import type { Item, ItemsOf } from "./json.ts";
import { lookupOf } from "./jsonl.ts";
import { LIMITS } from "./text.ts";
import { pathWith } from "./walk.ts";

/** An app's export: recognised by names of fields that all occur in the beginning of the file. */
export interface App {
  readonly id: string;
  readonly name: string;
  readonly signature: readonly string[];
  readonly items: ItemsOf;
}

/** In the order in which they are tried: the most particular signature first. */
export const APPS: readonly App[] = [
  {
    id: "pocket-json",
    name: "Pocket (JSON)",
    signature: ["given_url"],
    items: listed("list", {
      title: ["resolved_title", "given_title"],
      address: ["given_url", "resolved_url"],
      created: ["time_added"],
      body: ["excerpt", "annotations.quote"],
      tags: ["tags"],
      kind: pocketKind,
      isTrashed: (lookup) => textOf(lookup("status")) === "2",
    }),
  },
  {
    id: "pocket-highlights-json",
    name: "Pocket (highlights)",
    signature: ["url", "title", "highlights", "quote"],
    items: listed(undefined, {
      title: ["title"],
      address: ["url"],
      created: ["highlights.created_at"],
      body: ["highlights.quote"],
      passage: ["highlights.quote"],
      kind: () => "text",
    }),
  },
  {
    id: "omnivore-json",
    name: "Omnivore",
    signature: ["slug", "savedAt", "labels"],
    items: listed(undefined, {
      title: ["title"],
      address: ["url"],
      created: ["savedAt"],
      body: ["description"],
      tags: ["labels"],
    }),
  },
  {
    id: "pinboard-json",
    name: "Pinboard (JSON)",
    signature: ["href", "description", "extended"],
    items: listed("posts", {
      title: ["description"],
      address: ["href"],
      created: ["time"],
      note: ["extended"],
      tags: ["tags"],
      tagSeparator: " ",
    }),
  },
  {
    id: "wallabag-json",
    name: "wallabag",
    signature: ["url", "is_archived", "is_starred"],
    items: listed(undefined, {
      title: ["title"],
      address: ["url", "given_url"],
      created: ["created_at"],
      body: ["content"],
      note: ["annotations.text"],
      tags: ["tags"],
      language: ["language"],
      html: new Set(["content"]),
    }),
  },
  {
    id: "readability-json",
    name: "Readability",
    signature: ["article__url"],
    items: listed("bookmarks", {
      title: ["article__title"],
      address: ["article__url"],
      created: ["date_added"],
      body: ["article__excerpt"],
      tags: ["tags"],
      html: new Set(["article__excerpt"]),
    }),
  },
  {
    id: "elcurator-json",
    name: "elCurator",
    signature: ["url", "created_at", "is_saved"],
    items: listed(undefined, {
      title: ["title"],
      address: ["url"],
      created: ["created_at"],
      note: ["description"],
      tags: ["tags"],
    }),
  },
  {
    id: "delicious-json",
    name: "Delicious (JSON)",
    signature: ["url", "tags", "description", "others", "private"],
    items: listed(undefined, {
      title: ["title"],
      address: ["url"],
      created: ["created"],
      note: ["description"],
      tags: ["tags"],
    }),
  },
  {
    id: "karakeep-json",
    name: "Karakeep (Hoarder)",
    signature: ["bookmarks", "createdAt", "content"],
    items: karakeepItems,
  },
  { id: "linkwarden-json", name: "Linkwarden", signature: ["collections", "links"], items: linkwardenItems },
];

/** Return the items of any list of objects with speaking names, whatever app it is from. */
export function plainItems(document: unknown): Iterable<Item> | undefined {
  const lists = [document, ...["bookmarks", "items", "links", "data"].map((name) => own(document, name))];
  const isObject = typeof document === "object" && document !== null;
  // A single line of JSON Lines is a document by itself.
  const list = lists.find(Array.isArray) ?? (isObject ? [document] : undefined);
  return list && itemsOf(list, (item) => (row) => draftOf(row, lookupOf(item), PLAIN));
}

/** Return a function that finds the list, at the top or under a name, and reads its items by the table. */
function listed(name: string | undefined, fields: Fields): ItemsOf {
  return (document) => {
    const found = name === undefined || Array.isArray(document) ? document : own(document, name);
    // Pocket's list is an object of items by their number, and Delicious' was one in 2012.
    const isObject = name !== undefined && typeof found === "object" && found !== null;
    const list = Array.isArray(found) ? found : isObject ? Object.values(found) : undefined;
    return list && itemsOf(list, (item) => (row) => draftOf(row, (path) => at(item, path), fields));
  };
}

function* itemsOf(list: readonly unknown[], draft: (item: object) => Extract<Item, { draft: unknown }>["draft"]) {
  for (const item of list) {
    const isItem = typeof item === "object" && item !== null && !Array.isArray(item);
    yield isItem ? { draft: draft(item) } : { odd: item };
  }
}

/** `2` says that the item is an image or a video, `1` that it has some. */
function pocketKind(lookup: Lookup): Kind | undefined {
  if (textOf(lookup("has_video")) === "2") return "video";
  return textOf(lookup("has_image")) === "2" ? "image" : undefined;
}

const KARAKEEP: Fields = {
  title: ["title"],
  address: ["content.url"],
  created: ["createdAt"],
  body: ["content.text", "content.description", "description"],
  note: ["note"],
  tags: ["tags"],
};

function karakeepItems(document: unknown): Iterable<Item> | undefined {
  const bookmarks = own(document, "bookmarks");
  if (!Array.isArray(bookmarks)) return undefined;
  const lists = own(document, "lists");
  const byId = new Map((Array.isArray(lists) ? lists : []).map((list) => [own(list, "id"), list as unknown]));
  return itemsOf(bookmarks, (item) => (row) => {
    const ids = own(item, "lists");
    const folders = (Array.isArray(ids) ? ids : []).flatMap((id) => pathTo(byId, id, "parentId"));
    return draftOf(row, (path) => at(item, path), KARAKEEP, folders);
  });
}

const LINKWARDEN: Fields = {
  title: ["name"],
  address: ["url"],
  created: ["importDate", "createdAt"],
  body: ["textContent"],
  note: ["description"],
  tags: ["tags"],
  kind: (lookup) => (lookup("type") === "image" ? "image" : undefined),
};

function linkwardenItems(document: unknown): Iterable<Item> | undefined {
  const collections = own(document, "collections");
  return Array.isArray(collections) ? linksIn(collections) : undefined;
}

function* linksIn(collections: readonly unknown[]): Generator<Item, void, undefined> {
  const byId = new Map(collections.map((collection) => [own(collection, "id"), collection]));
  for (const collection of collections) {
    const links = own(collection, "links");
    if (!Array.isArray(links)) continue;
    const path = pathTo(byId, own(collection, "id"), "parentId");
    const names = path.length > 0 ? path : [textOf(own(collection, "name"))];
    const folders = names.filter((name) => name !== "Unorganized");
    yield* itemsOf(links, (item) => (row) => draftOf(row, (name) => at(item, name), LINKWARDEN, folders));
  }
}

/** Return the names of the folders that lead to this one; a circle of parents ends where it began. */
function pathTo(byId: ReadonlyMap<unknown, unknown>, id: unknown, parent: string): readonly string[] {
  let path: readonly string[] = [];
  const seen = new Set<unknown>();
  let next = id;
  // One name too many is kept, so that the row says that it was cut.
  while (typeof next !== "object" && byId.has(next) && !seen.has(next) && path.length <= LIMITS.tags) {
    seen.add(next);
    const folder = byId.get(next);
    path = pathWith(path, textOf(own(folder, "name")));
    next = own(folder, parent);
  }
  return [...path].reverse();
}
