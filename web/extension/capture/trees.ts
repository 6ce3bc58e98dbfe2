/** A document goes in; the shadow trees in it and the frames of the same site come out. */

import { AT_MOST } from "./limits.ts";
import { allIn, nameOf, openShadowOf, walkerOf, windowOf } from "./native.ts";

type Tree = Document | ShadowRoot;

/** What browsers give extensions to look into closed trees. */
interface Opener {
  readonly chrome?: { readonly dom?: { openOrClosedShadowRoot(element: Element): ShadowRoot | null } };
}

/** Return the shadow tree of an element, a closed one too where the browser lets an extension in, or null. */
export function shadowOf(element: Element): ShadowRoot | null {
  const open = openShadowOf(element);
  if (open !== null) return open;
  const { chrome } = globalThis as Opener;
  if (chrome?.dom !== undefined) return chrome.dom.openOrClosedShadowRoot(element);
  const firefox = element as Element & { readonly openOrClosedShadowRoot?: ShadowRoot | null };
  const found = firefox.openOrClosedShadowRoot ?? null;
  return found instanceof ShadowRoot ? found : null;
}

/** Return the document and the shadow trees in it, from the outside in. */
export function treesOf(document: Document): Tree[] {
  const trees: Tree[] = [document];
  for (let place = 0; place < trees.length; place++) {
    const walker = walkerOf(trees[place] as Tree, NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node !== null && trees.length < AT_MOST.trees; node = walker.nextNode()) {
      // Closed trees are asked for at elements of a page's own only: asking at each takes as long as the walk.
      const element = node as Element;
      const shadow = nameOf(element).includes("-") ? shadowOf(element) : openShadowOf(element);
      if (shadow !== null) trees.push(shadow);
    }
  }
  return trees;
}

/** Return the document and those of frames in it that this script may read, from the outside in. */
export function documentsOf(document: Document): Document[] {
  const documents = [document];
  for (let place = 0; place < documents.length; place++) {
    const window = windowOf(documents[place] as Document);
    for (let frame = 0; window !== null && frame < window.length; frame++) {
      if (documents.length === AT_MOST.frames) return documents;
      const inner = readable(() => window[frame]?.document);
      if (inner !== undefined) documents.push(inner);
    }
  }
  return documents;
}

/** Return the document of the tab if this script may read it, else the outermost that it may. */
export function outermostOf(document: Document): Document {
  let outermost = document;
  let window = windowOf(document);
  while (window !== null && window !== window.parent) {
    const { parent } = window;
    const outer = readable(() => parent.document);
    if (outer === undefined) break;
    outermost = outer;
    window = windowOf(outer);
  }
  return outermost;
}

/** Return every element that matches, in the document, its shadow trees and its frames. */
export function everywhere(document: Document, selector: string): Element[] {
  return documentsOf(document).flatMap((inner) => treesOf(inner).flatMap((tree) => allIn(tree, selector)));
}

/** Return a document of another window, or undefined where its origin forbids that. */
function readable(document: () => Document | undefined): Document | undefined {
  try {
    return document();
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
