/** A tree of folders goes in, its items come out in the order of the file, however deep they lie. */

import type { Item } from "./json.ts";
import { LIMITS } from "./text.ts";

/** Nodes of one folder, and where it lies. */
export interface Place {
  readonly nodes: readonly unknown[];
  /** The person's folders from the outermost in. */
  readonly path: readonly string[];
  readonly isTrashed: boolean;
}

/** Yield the items below these places; `step` says of a node whether it is an item, a folder or nothing. */
export function* walk(
  places: readonly Place[],
  step: (node: unknown, place: Place) => Item | Place | undefined,
): Generator<Item, void, undefined> {
  // A list instead of recursion: 100,000 folders within each other are no reason to overflow the stack.
  const open = places.map((place) => ({ place, next: 0 })).reverse();
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.next === top.place.nodes.length) {
      open.pop();
      continue;
    }
    const found = step(top.place.nodes[top.next], top.place);
    top.next += 1;
    if (found === undefined) continue;
    if ("nodes" in found) open.push({ place: found, next: 0 });
    else yield found;
  }
}

/** Return the path into a folder; one too many is kept so that the row says what was cut. */
export function pathWith(path: readonly string[], name: string): readonly string[] {
  return name.trim() === "" || path.length > LIMITS.tags ? path : [...path, name];
}
