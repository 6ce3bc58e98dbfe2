/** Stored HTML goes in, a harmless piece of a page comes out. Loaded when a cutout with HTML is opened, and not before. */

import DOMPurify from "dompurify";
import { KEPT_HTML, SOURCE_LIMITS } from "../library/index.ts";

const MOST_SIGNS = 100_000; // "<" of what an extension cuts out at most: 50,000 elements, begun and ended

/** Return the words with their emphasis, lists, tables and links; null where there are none, or more than are kept. */
export function cleaned(html: string): DocumentFragment | null {
  if (html.length > SOURCE_LIMITS.html || html.split("<", MOST_SIGNS + 2).length > MOST_SIGNS + 1) return null;
  const fragment = DOMPurify.sanitize(html, { ...KEPT_HTML, RETURN_DOM_FRAGMENT: true });
  for (const link of fragment.querySelectorAll("a[href]")) {
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer");
  }
  return fragment.textContent?.trim() ? fragment : null;
}
