/** An order goes in; what it means in this document comes out. Runs in the page, in the extension's own world. */

import { cleanText, cutTo, LIMITS } from "../../library/index.ts";
import {
  ADDRESS,
  type Address,
  CAPTURE,
  type Capture,
  type Captured,
  type Order,
  PLACE,
  type Place,
} from "../captured.ts";
import { anchorOf } from "./anchor.ts";
import { cleanHtml } from "./clean.ts";
import { aboutPage, pageAddress } from "./head.ts";
import { imageAt } from "./image.ts";
import { leadTo } from "./lead.ts";
import { documentOf } from "./native.ts";
import { readableText } from "./readable.ts";
import { type Selected, selectedIn } from "./selected.ts";
import { outermostOf } from "./trees.ts";
import { momentOf, videoAddress, videoIn, watchedIn } from "./video.ts";

/** Return what every cutout from here has: the page that the person sees, also for what stands in a frame of it. */
function blank(): Omit<Captured, "kind"> {
  return { ...aboutPage(outermostOf(document)), body: "", html: "", anchor: null, note: "", image: null };
}

function capturedPage(): Captured {
  return { ...blank(), kind: "page", body: readableText(document) };
}

function capturedSelection(selected: Selected): Captured {
  const body = cutTo(cleanText(cutTo(selected.text, 2 * LIMITS.body)), LIMITS.body);
  return { ...blank(), kind: "text", body, html: cleanHtml(selected.ranges), anchor: anchorOf(selected) };
}

async function capturedImage(address: string): Promise<Captured | null> {
  const image = await imageAt(document, address);
  return image === null ? null : { ...blank(), kind: "image", ...image };
}

async function capturedVideo(video: HTMLVideoElement, range: { start?: number; end?: number }): Promise<Captured> {
  const about = blank();
  const address = videoAddress(documentOf(video) ?? document, about.address);
  const favicon = address === about.address ? about.favicon : ""; // a player's site is another
  return { ...about, kind: "video", address, favicon, ...(await momentOf(video, range)) };
}

const capture: Capture = async (order: Order) => {
  if (order.name === "image") return capturedImage(order.srcUrl);
  if (order.name === "page") return capturedPage();
  if (order.name === "video") {
    const video = videoIn(document, order.srcUrl);
    return video === null ? null : capturedVideo(video, order);
  }
  const selected = selectedIn(document);
  if (selected !== null) return capturedSelection(selected);
  if (order.name === "selection") return null;
  const watched = watchedIn(document);
  return watched === null ? capturedPage() : capturedVideo(watched, {});
};

const place: Place = (anchor, patience_ms) => leadTo(document, anchor, patience_ms);
const address: Address = async () => pageAddress(document);

// Injected again at each order: the last one counts.
Object.assign(globalThis, { [CAPTURE]: capture, [PLACE]: place, [ADDRESS]: address });
