/** The file `Bookmarks` of a Chromium profile goes in, its bookmarks come out.
 *
 * Names as Chromium's bookmark_codec writes them: `roots` of `bookmark_bar`, `other` and `synced`, nodes of type `url`
 * and `folder`, dates in microseconds since 1601. Vivaldi adds the root `trash` and `meta_info.Description`, Opera puts
 * its own roots into `custom_root`; both are Chromium's format otherwise.
 */

import { at, own, textOf } from "./fields.ts";
import type { Item } from "./json.ts";
import { type Place, pathWith, walk } from "./walk.ts";

/** Return the bookmarks of all roots. */
export function chromeItems(document: unknown): Iterable<Item> | undefined {
  const roots = own(document, "roots");
  if (typeof roots !== "object" || roots === null || Array.isArray(roots)) return undefined;
  return walk(rootsIn(roots), step);
}

function rootsIn(roots: object, isTrashed = false): Place[] {
  return Object.entries(roots).flatMap(([name, root]) => {
    if (typeof root !== "object" || root === null) return [];
    const isTrash = isTrashed || name === "trash";
    if (name === "custom_root") return rootsIn(root, isTrash);
    const children = own(root, "children");
    return Array.isArray(children) ? [{ nodes: children, path: [], isTrashed: isTrash }] : [];
  });
}

function step(node: unknown, { path, isTrashed }: Place): Item | Place {
  const children = own(node, "children");
  if (Array.isArray(children)) return { nodes: children, path: pathWith(path, textOf(own(node, "name"))), isTrashed };
  if (typeof node !== "object" || node === null || Array.isArray(node)) return { odd: node };
  return {
    draft: (row) => ({
      row,
      title: textOf(own(node, "name")),
      note: textOf(at(node, "meta_info.Description")),
      address: textOf(own(node, "url")),
      tags: path,
      created: own(node, "date_added"),
      isTrashed,
    }),
  };
}
