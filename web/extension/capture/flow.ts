/** A tree goes in, all its text without white space comes out as one string, and where in the tree each part of it stands. */

import { AT_MOST } from "./limits.ts";
import { UNREAD } from "./lines.ts";
import { isElement, nameOf, parentOf, walkerOf } from "./native.ts";
import { isBetween, squeezed } from "./squeezed.ts";

/** The text of a tree. */
export interface Flow {
  readonly text: string;
  readonly nodes: readonly Text[];
  /** Where in `text` each node begins. */
  readonly starts: readonly number[];
}

/** Return the text of a document or shadow tree. */
export function flowOf(tree: Document | ShadowRoot): Flow {
  const walker = walkerOf(tree, NodeFilter.SHOW_TEXT);
  const [nodes, starts, pieces]: [Text[], number[], string[]] = [[], [], []];
  let length = 0;
  for (let node = walker.nextNode(); node !== null && length < AT_MOST.searched; node = walker.nextNode()) {
    const parent = parentOf(node);
    if (parent !== null && isElement(parent) && UNREAD.has(nameOf(parent))) continue;
    const piece = squeezed((node as Text).data);
    if (piece === "") continue;
    nodes.push(node as Text);
    starts.push(length);
    pieces.push(piece);
    length += piece.length;
  }
  return { text: pieces.join(""), nodes, starts };
}

/** Return the range from one place in the text to another, which is behind it. */
export function rangeIn({ nodes, starts }: Flow, from: number, to: number): Range {
  const range = new Range();
  const [first, last] = [nodeAt(starts, from), nodeAt(starts, to - 1)];
  const [start, end] = [nodes[first] as Text, nodes[last] as Text];
  range.setStart(start, offsetIn(start.data, from - (starts[first] as number)));
  range.setEnd(end, offsetIn(end.data, to - 1 - (starts[last] as number)) + 1);
  return range;
}

/** Return where in the text a place in the tree is: how much stands before it. */
export function placeIn({ nodes, starts, text }: Flow, node: Text, offset: number): number {
  const number = nodes.indexOf(node);
  return number < 0 ? text.length : (starts[number] as number) + squeezed(node.data.slice(0, offset)).length;
}

/** Return the last node that begins at or before a place. */
function nodeAt(starts: readonly number[], place: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Return where in a node's own text its nth character that counts is. */
function offsetIn(data: string, number: number): number {
  let left = number;
  for (let offset = 0; offset < data.length; offset++)
    if (!isBetween(data.charCodeAt(offset)) && left-- === 0) return offset;
  return data.length;
}
