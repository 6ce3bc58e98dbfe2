/** A backup of Firefox's bookmarks goes in, the bookmarks come out.
 *
 * Names as Firefox's PlacesBackups and BookmarkJSONUtils write them: nodes of type `text/x-moz-place` with `uri`,
 * `dateAdded` in microseconds and `tags` in one text, containers with `children`, the browser's own with `root`, notes
 * of before version 65 as the annotation `bookmarkProperties/description`.
 */

import { own, textOf } from "./fields.ts";
import type { Item } from "./json.ts";
import { type Place, pathWith, walk } from "./walk.ts";

/** Return the bookmarks of the whole tree. */
export function firefoxItems(document: unknown): Iterable<Item> | undefined {
  if (!Array.isArray(own(document, "children"))) return undefined;
  return walk([{ nodes: [document], path: [], isTrashed: false }], step);
}

function step(node: unknown, { path, isTrashed }: Place): Item | Place | undefined {
  const children = own(node, "children");
  const title = textOf(own(node, "title"));
  if (Array.isArray(children)) {
    return { nodes: children, path: own(node, "root") === undefined ? pathWith(path, title) : path, isTrashed };
  }
  const type = textOf(own(node, "type"));
  // An empty container has no children at all.
  if (type === "text/x-moz-place-separator" || type === "text/x-moz-place-container") return undefined;
  if (typeof node !== "object" || node === null || Array.isArray(node)) return { odd: node };
  return {
    draft: (row) => ({
      row,
      title,
      note: descriptionOf(node),
      address: textOf(own(node, "uri")),
      tags: [...path, ...textOf(own(node, "tags")).split(",")],
      created: own(node, "dateAdded"),
      isTrashed,
    }),
  };
}

function descriptionOf(node: object): string {
  const annotations = own(node, "annos");
  if (!Array.isArray(annotations)) return "";
  const found = annotations.find((each) => own(each, "name") === "bookmarkProperties/description");
  return textOf(own(found, "value"));
}
