/** A range goes in, HTML of its words comes out that loads nothing and runs nothing. */

import DOMPurify from "dompurify";
import { KEPT_HTML } from "../../library/index.ts";
import { absolute } from "./head.ts";
import { boundsOf, nodesIn, partOf } from "./inside.ts";
import { AT_MOST } from "./limits.ts";
import { UNREAD } from "./lines.ts";
import { attributeOf, inertDocument, isText, nameOf, parentOf } from "./native.ts";

const TAGS: ReadonlySet<string> = new Set(KEPT_HTML.ALLOWED_TAGS);

/** Return the clean HTML of the ranges, "" when it is longer than is kept. */
export function cleanHtml(ranges: readonly Range[]): string {
  const inert = inertDocument();
  const holder = inert.createElement("div");
  for (const range of ranges) {
    if (isText(range.commonAncestorContainer)) holder.append(String(range));
    else copyInto(holder, range, inert);
  }
  // Given as nodes: a page may forbid that text becomes HTML.
  DOMPurify.sanitize(holder, { ...KEPT_HTML, IN_PLACE: true });
  return holder.innerHTML.length > AT_MOST.html ? "" : holder.innerHTML.trim();
}

/**
 * Copy what is selected into a document that loads and runs nothing. `cloneContents` would copy within the page, where
 * a copied image is loaded and a copied element of the page's own runs the page's code.
 */
function copyInto(holder: Element, range: Range, inert: Document): void {
  const [root, bounds] = [range.commonAncestorContainer, boundsOf(range)];
  const copies = new Map<Node, Copy>([[root, { node: holder, depth: 0 }]]);
  let [nodes, length] = [0, 0];
  for (const node of nodesIn(range)) {
    const above = copyOf(parentOf(node) ?? root, copies, inert);
    if (above.node === null) {
      if (!isText(node)) copies.set(node, above);
    } else if (isText(node)) {
      const part = partOf(node, bounds);
      length += part.length;
      above.node.append(part);
    } else copies.set(node, copied(node, above, inert));
    if (++nodes > AT_MOST.copied || length > AT_MOST.html) return;
  }
}

/** The copy of a node, null for what is not for reading, and how deep it stands. */
interface Copy {
  readonly node: Element | null;
  readonly depth: number;
}

/** Return the copy of a node, made with those of what it stands in where the selection begins within it. */
function copyOf(node: Node, copies: Map<Node, Copy>, inert: Document): Copy {
  const path: Element[] = [];
  let known = copies.get(node);
  for (let up: Node | null = node; known === undefined && up !== null; known = copies.get(up)) {
    path.push(up as Element);
    up = parentOf(up);
    if (up === null) break;
  }
  let copy = known ?? { node: null, depth: 0 };
  for (const element of path.reverse()) {
    copy = copied(element, copy, inert);
    copies.set(element, copy);
  }
  return copy;
}

function copied(element: Element, above: Copy, inert: Document): Copy {
  if (above.node === null || UNREAD.has(nameOf(element)) || isHidden(element))
    return { node: null, depth: above.depth };
  // Elements that are not kept, and those too deep, lend their words to what they stand in.
  if (!TAGS.has(nameOf(element)) || above.depth >= AT_MOST.depth) return above;
  const node = inert.createElement(nameOf(element));
  for (const name of KEPT_HTML.ALLOWED_ATTR) {
    const value = name === "href" ? (absolute(element, name)?.href ?? "") : attributeOf(element, name);
    if (value !== "") node.setAttribute(name, value);
  }
  above.node.append(node);
  return { node, depth: above.depth + 1 };
}

function isHidden(element: Element): boolean {
  return Element.prototype.checkVisibility?.call(element) === false && getComputedStyle(element).display !== "contents";
}
