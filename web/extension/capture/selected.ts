/** A document goes in; what the person selected in it comes out, from whichever frame or shadow tree it is in. */

import { activeElementOf, childrenOf, isElement, isText, nameOf, rootOf } from "./native.ts";
import { documentsOf, shadowOf } from "./trees.ts";

/** A selection. In a field of a form there is no range. */
export interface Selected {
  readonly text: string;
  readonly ranges: readonly Range[];
}

/** Types of fields whose text a person sees. */
const SEEN = new Set(["text", "search", "url", "tel", "email", "number"]);
const DEEPEST = 50; // shadow trees within each other

/** Return what is selected in the document or in a frame of the same site, or null. */
export function selectedIn(document: Document): Selected | null {
  const documents = documentsOf(document);
  // Each frame remembers a selection; the one that has the focus is meant.
  const focused = documents.findLast((one) => Document.prototype.hasFocus.call(one));
  for (const one of focused === undefined ? documents : [focused, ...documents]) {
    const active = focusedIn(one);
    // Browsers tell of a password as many dots as it has characters.
    if (active !== null && nameOf(active) === "input" && (active as HTMLInputElement).type === "password") continue;
    const selected = inField(active) ?? inTree(one);
    if (selected !== null) return selected;
  }
  return null;
}

/** Return the element that has the focus, in whichever shadow tree of the document, or null. */
function focusedIn(document: Document): Element | null {
  let active = activeElementOf(document);
  for (let depth = 0; active !== null && depth < DEEPEST; depth++) {
    const shadow = shadowOf(active);
    const inner = shadow === null ? null : activeElementOf(shadow);
    if (inner === null) break;
    active = inner;
  }
  return active;
}

/** Return what is selected in a field, null when it is none or nothing is. */
function inField(active: Element | null): Selected | null {
  const name = active === null ? "" : nameOf(active);
  if (name !== "textarea" && !(name === "input" && SEEN.has((active as HTMLInputElement).type))) return null;
  const { value, selectionStart, selectionEnd } = active as HTMLInputElement | HTMLTextAreaElement;
  const text = value.slice(selectionStart ?? 0, selectionEnd ?? 0);
  return text.trim() === "" ? null : { text, ranges: [] };
}

/** Return what is selected of the document's own text, or null. */
function inTree(document: Document): Selected | null {
  const selection = Document.prototype.getSelection.call(document);
  if (selection === null || selection.rangeCount === 0) return null;
  const ranges = rangesOf(selection, document).filter((range) => !range.collapsed);
  const text = selection.toString();
  if (text.trim() !== "") return { text, ranges };
  // Some browsers give no text of a shadow tree.
  const own = ranges.map(String).join("\n");
  return own.trim() === "" ? null : { text: own, ranges };
}

/** Return the selected ranges; of a selection within a shadow tree, the range in there. */
function rangesOf(selection: Selection, document: Document): Range[] {
  const plain = Array.from({ length: selection.rangeCount }, (_, place) => selection.getRangeAt(place));
  if (typeof selection.getComposedRanges !== "function") return plain.flatMap((range) => legacy(range) ?? range);
  const shadowRoots: ShadowRoot[] = [];
  while (shadowRoots.length < DEEPEST) {
    const [range] = selection.getComposedRanges({ shadowRoots });
    const shadow = range === undefined ? null : shadowAt(range.startContainer, range.startOffset);
    if (range === undefined) return plain;
    if (shadow === null || shadowRoots.includes(shadow))
      return shadowRoots.length === 0 ? plain : [liveRange(document, range)];
    shadowRoots.push(shadow);
  }
  return plain;
}

/** Return the shadow tree of the element that stands at this place, or null. */
function shadowAt(container: Node, offset: number): ShadowRoot | null {
  if (isText(container)) return null;
  const child = childrenOf(container)[offset] ?? null;
  return child !== null && isElement(child) ? shadowOf(child) : null;
}

/** Return the range within the shadow tree that this one stands beside, for browsers from before composed ranges. */
function legacy(range: Range): Range | null {
  const shadow = shadowAt(range.startContainer, range.startOffset) as
    | (ShadowRoot & { getSelection?(): Selection | null })
    | null;
  const inner = shadow?.getSelection?.() ?? null;
  return inner === null || inner.rangeCount === 0 ? null : inner.getRangeAt(0);
}

function liveRange(document: Document, range: StaticRange): Range {
  const live = Document.prototype.createRange.call(document);
  live.setStart(range.startContainer, range.startOffset);
  // A selection may begin in one tree and end in another; a range may not.
  if (rootOf(range.endContainer) === rootOf(range.startContainer)) live.setEnd(range.endContainer, range.endOffset);
  else live.setEndAfter(rootOf(range.startContainer).lastChild ?? range.startContainer);
  return live;
}
