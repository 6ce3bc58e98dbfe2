/** A document goes in, the text that a person reads on it comes out; the document stays as it is. */

import { Readability } from "@mozilla/readability";
import { cleanText, cutTo, LIMITS } from "../../library/index.ts";
import { AT_MOST } from "./limits.ts";
import { textOfTree } from "./lines.ts";
import { attributeOf, bodyOf, fullTextOf, isElement, nameOf, typeOf, walkerOf } from "./native.ts";
import { treesOf } from "./trees.ts";

const SHORT = 250; // characters of an article that leave room for doubt: the words may stand in shadow trees

/** Return the readable text: that of the article where there is one, else all that is visible. */
export function readableText(document: Document): string {
  const read = whole(isReadable(document) ? articleText(document) : "") || whole(visibleText(document));
  return read.length < SHORT ? whole(`${read}\n\n${shadowText(document)}`) : read;
}

function whole(text: string): string {
  // Cut first: a page may have 10 MB, and what cleans it reads all of it.
  return cutTo(cleanText(cutTo(text, 2 * LIMITS.body)), LIMITS.body).trimEnd();
}

/** Whether the reader library gets through the page in good time: it looks at each element several times. */
function isReadable(document: Document): boolean {
  const walker = walkerOf(document, NodeFilter.SHOW_ELEMENT);
  let [elements, depth] = [0, 0];
  while (elements <= AT_MOST.readElements && depth <= AT_MOST.readDepth) {
    if (walker.firstChild() !== null) depth += 1;
    else while (walker.nextSibling() === null) if (depth-- === 0 || walker.parentNode() === null) return elements > 0;
    elements += 1;
  }
  return false;
}

/** Return the text of the page's article, or "". */
function articleText(document: Document): string {
  const copy = Node.prototype.cloneNode.call(document, true) as Document; // it loads and runs nothing
  freeNames(copy);
  try {
    const read = new Readability<Node>(copy, { serializer: (node) => node, disableJSONLD: true }).parse();
    return read?.content ? textOfTree(read.content, 2 * LIMITS.body) : "";
  } catch (error) {
    // The library knows pages, not what a script can make of one, as a document without a body.
    if (error instanceof Error) return "";
    throw error;
  }
}

/** Take names off a copy: a field called `body` would hide what the reader library asks the document for. */
function freeNames(copy: Document): void {
  const walker = walkerOf(copy, NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (!isElement(node) || nameOf(node) === "meta") continue;
    if (attributeOf(node, "name") !== "") Element.prototype.removeAttribute.call(node, "name");
    if (NAMING.has(nameOf(node))) Element.prototype.removeAttribute.call(node, "id");
  }
}

/** Elements whose `id` becomes a property of the document or of their form. */
const NAMING = new Set([
  ...["button", "embed", "fieldset", "form", "iframe", "img", "input", "object", "output", "select", "textarea"],
]);

/** Return what is drawn of the page. */
function visibleText(document: Document): string {
  const body = bodyOf(document) as HTMLElement | null;
  return body === null ? textOfTree(document, 2 * LIMITS.body) : fullTextOf(body);
}

/** Return what stands in the shadow trees of the page. */
function shadowText(document: Document): string {
  const texts: string[] = [];
  let left: number = LIMITS.body;
  for (const tree of treesOf(document)) {
    if (typeOf(tree) === Node.DOCUMENT_NODE || left <= 0) continue;
    const text = textOfTree(tree, left).trim();
    left -= text.length;
    if (text !== "") texts.push(text);
  }
  return texts.join("\n\n");
}
