/**
 * A node of a page goes in, what the browser itself knows of it comes out.
 *
 * A form whose field is called `parentNode`, or an image called `title`, hides what `form.parentNode` and
 * `document.title` should be, in an extension's own world too. The getters of the prototypes are never hidden.
 */

/** Return a function that reads a property of any node as its prototype does. */
function reader<T extends object, K extends keyof T & string>(prototype: T, name: K): (of: T) => T[K] {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (get === undefined) throw new TypeError(`no getter is called ${name}`);
  return (of) => get.call(of);
}

export const parentOf = reader(Node.prototype, "parentNode");
export const childrenOf = reader(Node.prototype, "childNodes");
export const lastChildOf = reader(Node.prototype, "lastChild");
export const typeOf = reader(Node.prototype, "nodeType");
export const textIn = reader(Node.prototype, "textContent");
export const baseOf = reader(Node.prototype, "baseURI");
export const documentOf = reader(Node.prototype, "ownerDocument");
export const nameOf = reader(Element.prototype, "localName");
export const openShadowOf = reader(Element.prototype, "shadowRoot");
export const bodyOf = reader(Document.prototype, "body");
export const rootElementOf = reader(Document.prototype, "documentElement");
export const titleOf = reader(Document.prototype, "title");
export const windowOf = reader(Document.prototype, "defaultView");
export const fullTextOf = reader(HTMLElement.prototype, "innerText");
const makerOf = reader(Document.prototype, "implementation");
const activeIn = reader(Document.prototype, "activeElement");
const activeInShadow = reader(ShadowRoot.prototype, "activeElement");

/** Return the attribute, or "". */
export function attributeOf(element: Element, name: string): string {
  return Element.prototype.getAttribute.call(element, name) ?? "";
}

/** Return the elements that match, in the order of the document. */
export function allIn(tree: Document | ShadowRoot, selector: string): Element[] {
  const owner = typeOf(tree) === Node.DOCUMENT_NODE ? Document.prototype : DocumentFragment.prototype;
  return [...owner.querySelectorAll.call(tree, selector)];
}

/** Return what walks over nodes of these kinds in the tree of `root`. */
export function walkerOf(root: Node, what: number): TreeWalker {
  const owner = typeOf(root) === Node.DOCUMENT_NODE ? (root as Document) : documentOf(root);
  if (owner === null) throw new TypeError("a node of no document");
  return Document.prototype.createTreeWalker.call(owner, root, what);
}

/** Return the element that has the focus in a tree, or null. */
export function activeElementOf(tree: Document | ShadowRoot): Element | null {
  return typeOf(tree) === Node.DOCUMENT_NODE ? activeIn(tree as Document) : activeInShadow(tree as ShadowRoot);
}

/** Return the root of the tree that a node stands in: a document, a shadow root, or the top of what stands nowhere. */
export function rootOf(node: Node): Node {
  return Node.prototype.getRootNode.call(node);
}

/** Return a document that loads and runs nothing. */
export function inertDocument(): Document {
  return DOMImplementation.prototype.createHTMLDocument.call(makerOf(document), "");
}

export function isText(node: Node): node is Text {
  const type = typeOf(node);
  return type === Node.TEXT_NODE || type === Node.CDATA_SECTION_NODE;
}

export function isElement(node: Node): node is Element {
  return typeOf(node) === Node.ELEMENT_NODE;
}
