/** The address of an image goes in; the image, what it shows and what is said of it come out. */

import type { Captured } from "../captured.ts";
import { line } from "./head.ts";
import { allIn, attributeOf, isElement, nameOf, parentOf, rootOf, textIn } from "./native.ts";
import { drawnBytes, fetchedBytes, placeOnScreen } from "./picture.ts";
import { everywhere } from "./trees.ts";

type Image = Pick<Captured, "body" | "image">;

/** Return the image with what is said of it, null when the page has none at this address. */
export async function imageAt(document: Document, address: string): Promise<Image | null> {
  const element = elementAt(document, address);
  if (element === null) return null;
  const [alt, caption] = [line(attributeOf(element, "alt")), captionOf(element)];
  const bytes = (await fetchedBytes(address)) ?? (await drawnBytes(element, "image/png")) ?? placeOnScreen(element);
  const body = [...new Set([caption, alt])].filter((text) => text !== "").join("\n");
  return { body, image: bytes === null ? null : { ...bytes, alt, caption } };
}

/** Return the image at an address, the largest where there are several. */
function elementAt(document: Document, address: string): HTMLImageElement | null {
  const images = everywhere(document, "img").filter((one) => isAt(one as HTMLImageElement, address));
  const area = ({ width, height }: HTMLImageElement) => width * height;
  return (images as HTMLImageElement[]).reduce<HTMLImageElement | null>(
    (best, one) => (best !== null && area(best) >= area(one) ? best : one),
    null,
  );
}

function isAt({ currentSrc, src }: HTMLImageElement, address: string): boolean {
  return currentSrc === address || src === address;
}

/** Return the caption: that of the figure, else what the image is labelled by, else its title. */
function captionOf(element: Element): string {
  for (let up = parentOf(element); up !== null; up = parentOf(up)) {
    if (!isElement(up) || nameOf(up) !== "figure") continue;
    const [caption] = Element.prototype.querySelectorAll.call(up, "figcaption");
    if (caption !== undefined && line(textIn(caption) ?? "") !== "") return line(textIn(caption) ?? "");
  }
  const tree = rootOf(element) as Document | ShadowRoot;
  const names = attributeOf(element, "aria-labelledby")
    .split(/\s+/)
    .filter((name) => name !== "")
    .slice(0, 10);
  const labels = names.flatMap((name) => allIn(tree, `[id="${CSS.escape(name)}"]`).slice(0, 1));
  const labelled = line(labels.map((label) => textIn(label) ?? "").join(" "));
  return labelled || line(attributeOf(element, "title"));
}
