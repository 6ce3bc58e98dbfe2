/** A place in a text goes in, what a person reads before or after it comes out, a line for each block. */

import { isSeen, type Point } from "./inside.ts";
import { AT_MOST } from "./limits.ts";
import { isElement, isText, nameOf, parentOf, rootOf, walkerOf } from "./native.ts";

/** Return what is read just before a place, about so many characters. */
export function readBefore(point: Point, most: number): string {
  const own = lined(point.text, point.text.data.slice(0, point.offset));
  return collected(point.text, own, most, -1).slice(-most);
}

/** Return what is read from a place on, about so many characters. */
export function readAfter(point: Point, most: number): string {
  const own = lined(point.text, point.text.data.slice(point.offset));
  return collected(point.text, own, most, 1).slice(0, most);
}

/** Walk from a text on, forward or back, and put together what is seen. */
function collected(from: Text, own: string, most: number, direction: 1 | -1): string {
  const walker = walkerOf(rootOf(from), NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  walker.currentNode = from;
  let [text, block, isBroken] = [own, blockOf(from), false];
  for (let passed = 0; passed < AT_MOST.passed && text.length < most; passed++) {
    const node = direction === 1 ? walker.nextNode() : walker.previousNode();
    if (node === null) break;
    if (isElement(node)) isBroken ||= nameOf(node) === "br" || nameOf(node) === "hr";
    if (!isText(node) || node.data === "" || !isSeen(node)) continue;
    const next = blockOf(node);
    const piece = lined(node, node.data);
    const gap = isBroken || next !== block ? "\n" : "";
    if (gap === "" || piece.trim() !== "") {
      text = direction === 1 ? text + gap + piece : piece + gap + text;
      [block, isBroken] = [next, false];
    }
  }
  return text.replace(/[^\S\n]+/g, " ").replace(/ *\n[ \n]*/g, "\n");
}

/** Return a text with the line breaks that are seen. */
function lined(text: Text, data: string): string {
  const parent = parentOf(text);
  const breaks = parent !== null && isElement(parent) && /^(?:pre|break)/.test(getComputedStyle(parent).whiteSpace);
  return breaks ? data.replace(/\r\n?/g, "\n") : data.replace(/\s+/g, " ");
}

/** Return the block that a text stands in, as the page is drawn. */
function blockOf(text: Text): Node | null {
  let node = parentOf(text);
  while (node !== null && isElement(node) && /^(?:inline|contents|ruby)/.test(getComputedStyle(node).display))
    node = parentOf(node);
  return node;
}
