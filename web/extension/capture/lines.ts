/** A tree that is not drawn goes in, its text comes out, a line for each block. */

import { isElement, isText, nameOf, parentOf, walkerOf } from "./native.ts";

/** Elements whose text is not for reading. */
export const UNREAD = new Set([
  ...["script", "style", "noscript", "template", "head", "title", "textarea", "select", "option", "datalist"],
  ...["iframe", "object", "audio", "video", "canvas", "svg", "math-field"],
]);
const PARAGRAPHS = new Set([
  ...["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "figure", "table", "ul", "ol", "dl", "hr"],
  ...["section", "article", "header", "footer", "main", "aside", "nav", "form", "fieldset", "details"],
]);
const BLOCKS = new Set([
  ...PARAGRAPHS,
  ...[
    "address",
    "body",
    "caption",
    "dd",
    "div",
    "dt",
    "figcaption",
    "hgroup",
    "html",
    "legend",
    "li",
    "menu",
    "summary",
  ],
  ...["tr", "thead", "tbody", "tfoot", "search", "dialog"],
]);
const CELLS = new Set(["td", "th"]);

/** Return the text of a tree, at most so many characters: an empty line between paragraphs, none between items. */
export function textOfTree(root: Node, most: number): string {
  const walker = walkerOf(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  const pieces: string[] = [];
  const known = new Map<Node, Place>();
  const top: Place = { block: root, isPlain: isElement(root) && nameOf(root) === "pre", isRead: true };
  let [length, last, gap] = [0, root, ""];
  for (let node = walker.nextNode(); node !== null && length < most; node = walker.nextNode()) {
    if (isText(node)) {
      const { block, isPlain, isRead } = placeIn(parentOf(node) ?? root, known, top);
      if (!isRead) continue;
      if (block !== last) gap = wider(gap, gapBetween(last, block));
      last = block;
      const text = isPlain ? node.data : node.data.replace(/\s+/g, " ");
      if (text.trim() === "" && (gap !== "" || !isPlain)) {
        if (gap === "") gap = " ";
        continue;
      }
      pieces.push(gap, text);
      length += gap.length + text.length;
      gap = "";
    } else if (isElement(node)) {
      if (nameOf(node) === "br") gap = wider(gap, "\n");
      else if (CELLS.has(nameOf(node))) gap = wider(gap, " ");
    }
  }
  return pieces.join("").replace(/ *\n */g, "\n");
}

/** Where a text stands: in which block, whether its spaces count, and whether it is for reading. */
interface Place {
  readonly block: Node;
  readonly isPlain: boolean;
  readonly isRead: boolean;
}

/** Return where what stands in `parent` stands; what is known is not climbed again, however deep it is. */
function placeIn(parent: Node, known: Map<Node, Place>, top: Place): Place {
  const path: Node[] = [];
  let node: Node | null = parent;
  while (node !== null && node !== top.block && !known.has(node)) {
    path.push(node);
    node = parentOf(node);
  }
  let place = (node !== null && known.get(node)) || top;
  for (const inner of path.reverse()) {
    const name = isElement(inner) ? nameOf(inner) : "";
    if (UNREAD.has(name)) place = { ...place, isRead: false };
    if (name === "pre") place = { ...place, isPlain: true };
    if (BLOCKS.has(name)) place = { ...place, block: inner };
    known.set(inner, place);
  }
  return place;
}

function gapBetween(one: Node, other: Node): string {
  return [one, other].some((block) => isElement(block) && PARAGRAPHS.has(nameOf(block))) ? "\n\n" : "\n";
}

function wider(gap: string, other: string): string {
  return other.length > gap.length || (gap === " " && other === "\n") ? other : gap;
}
