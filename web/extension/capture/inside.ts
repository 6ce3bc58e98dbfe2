/** A range goes in, the nodes in it come out; and the first and last text that is seen. */

import { UNREAD } from "./lines.ts";
import { childrenOf, isElement, isText, lastChildOf, nameOf, parentOf, walkerOf } from "./native.ts";

/** A place in a text. */
export interface Point {
  readonly text: Text;
  readonly offset: number;
}

const ALL = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT | NodeFilter.SHOW_CDATA_SECTION;

/** Yield each element that begins in the range and each text of which a part is in it, in order. */
export function* nodesIn(range: Range): Generator<Element | Text> {
  const { startContainer, endContainer, commonAncestorContainer: root } = range;
  if (isText(root)) return yield root;
  const walker = walkerOf(root, ALL);
  const end = isText(endContainer) ? endContainer : afterPoint(root, endContainer, range.endOffset);
  let node: Node | null = isText(startContainer) ? startContainer : afterPoint(root, startContainer, range.startOffset);
  if (node === null) return;
  walker.currentNode = node;
  while (node !== null && (node !== end || isText(endContainer))) {
    if (isText(node) || isElement(node)) yield node;
    if (node === end) return;
    node = walker.nextNode();
  }
}

/** Where a range begins and ends, read once: a range counts anew each time that it is asked. */
export type Bounds = Pick<Range, "startContainer" | "startOffset" | "endContainer" | "endOffset">;

/** Return the bounds of a range. */
export function boundsOf({ startContainer, startOffset, endContainer, endOffset }: Range): Bounds {
  return { startContainer, startOffset, endContainer, endOffset };
}

/** Return the part of a text that is within bounds. */
export function partOf(text: Text, bounds: Bounds): string {
  const end = text === bounds.endContainer ? bounds.endOffset : text.length;
  return text.data.slice(startIn(text, bounds), end);
}

function startIn(text: Text, { startContainer, startOffset }: Bounds): number {
  return text === startContainer ? startOffset : 0;
}

/** Return where the text of a range that is seen begins and ends, or null when there is none. */
export function endsOf(range: Range): { readonly first: Point; readonly last: Point } | null {
  const bounds = boundsOf(range);
  const hasWords = (node: Node): node is Text => isText(node) && partOf(node, bounds).trim() !== "" && isSeen(node);
  for (const node of nodesIn(range)) {
    if (!hasWords(node)) continue;
    const part = partOf(node, bounds);
    const first = { text: node, offset: startIn(node, bounds) + part.length - part.trimStart().length };
    const last = lastOf(range, first.text, hasWords);
    return { first, last: { text: last, offset: startIn(last, bounds) + partOf(last, bounds).trimEnd().length } };
  }
  return null;
}

/** Return the last text of a range that has words, from its end back to the first. */
function lastOf(range: Range, first: Text, hasWords: (node: Node) => node is Text): Text {
  const walker = walkerOf(range.commonAncestorContainer, ALL);
  walker.currentNode = deepest(range.endContainer, range.endOffset);
  for (let node: Node | null = walker.currentNode; node !== null && node !== first; node = walker.previousNode())
    if (hasWords(node)) return node;
  return first;
}

/** Return the last node that begins before a point. */
function deepest(container: Node, offset: number): Node {
  if (isText(container) || offset === 0) return container;
  let node: Node = childrenOf(container)[offset - 1] ?? container;
  for (let last = lastChildOf(node); last !== null; last = lastChildOf(node)) node = last;
  return node;
}

/** Whether a text is drawn and for reading. */
export function isSeen(text: Text): boolean {
  const parent = parentOf(text);
  if (parent === null || !isElement(parent)) return parent !== null;
  if (UNREAD.has(nameOf(parent))) return false;
  return Element.prototype.checkVisibility?.call(parent, { visibilityProperty: true }) ?? true;
}

/** Return the first node that stands after a point within `root`, or null at its end. */
function afterPoint(root: Node, container: Node, offset: number): Node | null {
  const child = childrenOf(container)[offset];
  if (child !== undefined) return child;
  const walker = walkerOf(root, ALL);
  walker.currentNode = deepest(container, offset);
  return walker.nextNode();
}
