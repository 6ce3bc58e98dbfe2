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

/** Return the part of a text that is in the range. */
export function partOf(text: Text, range: Range): string {
  const end = text === range.endContainer ? range.endOffset : text.length;
  return text.data.slice(text === range.startContainer ? range.startOffset : 0, end);
}

/** Return where the text of a range that is seen begins and ends, or null when there is none. */
export function endsOf(range: Range): { readonly first: Point; readonly last: Point } | null {
  let [first, last]: [Point | null, Point | null] = [null, null];
  for (const node of nodesIn(range)) {
    if (!isText(node)) continue;
    const part = partOf(node, range);
    const trimmed = part.trimEnd();
    if (trimmed === "" || (first === null && !isSeen(node))) continue;
    const from = node === range.startContainer ? range.startOffset : 0;
    first ??= { text: node, offset: from + part.length - part.trimStart().length };
    last = { text: node, offset: from + trimmed.length };
  }
  return first === null || last === null ? null : { first, last };
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
  let deepest = container;
  for (let last = lastChildOf(deepest); last !== null; last = lastChildOf(deepest)) deepest = last;
  walker.currentNode = deepest;
  return walker.nextNode();
}
