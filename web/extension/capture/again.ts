/** An anchor goes in, the range or the video that it means in a document comes out. */

import type { Anchor } from "../../library/index.ts";
import { flowOf, rangeIn } from "./flow.ts";
import { isSeen } from "./inside.ts";
import { isText } from "./native.ts";
import { exactly, roughly } from "./occurrences.ts";
import { squeezed } from "./squeezed.ts";
import { documentsOf, treesOf } from "./trees.ts";

/**
 * Return the range of a passage, in the document or in its shadow trees and frames: where its words stand, among several
 * such places the one whose surroundings agree best and which is seen; else where it most likely stood; else null.
 */
export function rangeOf(document: Document, { text = "", before = "", after = "" }: Anchor): Range | null {
  const passage = { words: squeezed(text), before: squeezed(before), after: squeezed(after) };
  if (passage.words === "") return null;
  const flows = documentsOf(document).flatMap(treesOf).map(flowOf);
  let [best, found]: [number, Range | null] = [-1, null];
  for (const flow of flows) {
    const { agreement, stretches } = exactly(passage, flow.text);
    if (agreement <= best) continue;
    const ranges = stretches.map(([from, to]) => rangeIn(flow, from, to));
    [best, found] = [agreement, ranges.find(isDrawn) ?? ranges[0] ?? null];
  }
  if (found !== null) return found;
  for (const flow of flows) {
    const stretch = roughly(passage, flow.text);
    if (stretch !== null) return rangeIn(flow, ...stretch);
  }
  return null;
}

/** Scroll to the passage and select it; return whether it is there. */
export function showPassage(document: Document, anchor: Anchor): boolean {
  const range = rangeOf(document, anchor);
  if (range === null) return false;
  const { startContainer: text } = range;
  const { ownerDocument: owner, parentElement: parent } = text;
  parent?.scrollIntoView({ block: "center" });
  const selection = owner === null ? null : Document.prototype.getSelection.call(owner);
  selection?.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  return true;
}

function isDrawn({ startContainer }: Range): boolean {
  return isText(startContainer) && isSeen(startContainer);
}
