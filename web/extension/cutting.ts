/** A tab and what to cut out of it go in; the cutout and its picture come out, or what the tab says of itself. */

import { LIMITS, ownPage, sha256Of, siteOf, withoutFragment } from "../library/index.ts";
import { CAPTURE, type Captured, type Kept, type Order } from "./captured.ts";
import { checked } from "./checked.ts";
import { iconIn } from "./icon.ts";
import { call, inject } from "./injection.ts";
import { LACKS_PICTURE, lackOf, type Reason } from "./lacking.ts";
import type { Picture } from "./messages.ts";
import { withoutNotice } from "./showing.ts";

/** Characters of a picture in base64 that are sent on: a message is JSON of at most 64 MiB, and there is text beside it. */
const PICTURE_MOST = 48 << 20;

/** What a person pointed at. */
export interface Target {
  readonly tab: chrome.tabs.Tab;
  readonly order: Order;
  /** What the menu said of the place that was clicked. */
  readonly info?: chrome.contextMenus.OnClickData;
}

/** What was cut out. */
export interface Cut {
  /** Null where not even the address is known. */
  readonly captured: Kept | null;
  readonly picture: Picture | null;
  /** What was asked for and is not in it, and why, in a sentence; "" where nothing lacks. */
  readonly lacks: string;
  /** Whether the extension may read this page, and so show a notice in it. */
  readonly isReadable: boolean;
  /** The same for the same cutout, as when the button is pressed twice. */
  readonly print: string;
}

/** Return what was cut out; of a page or frame that the extension may not read, what the browser says of it. */
export async function cutOut(target: Target): Promise<Cut> {
  const { said, isReadable, reason } = await read(target);
  const given = said === null ? null : checked(said);
  const found = given ?? checked(whatTheTabSays(target));
  if (found === null) return { captured: null, picture: null, lacks: "", isReadable, print: "" };
  const { image, ...rest } = found;
  const seen = { ...rest, title: rest.title || (target.tab.title ?? "") }; // a viewer of PDF names the tab alone
  const isOfTab = seen.kind !== "video" || siteOf(seen.address) === siteOf(target.tab.url ?? ""); // a player may not be
  const captured = { ...seen, icon: isOfTab ? iconIn(target.tab.favIconUrl) : null };
  const print = await printOf([seen, image !== null && "base64" in image ? image.base64.length : image]);
  const picture = image === null ? null : await pictureOf(image, target.tab);
  const isNothing = given === null || (given.kind === "page" && given.body === ""); // as of a PDF
  const lacksPicture = picture === null && (image !== null || seen.kind === "image" || seen.kind === "video");
  const lacks = isNothing ? lackOf(seen.kind, reason) : lacksPicture ? LACKS_PICTURE : "";
  return { captured, picture, lacks, isReadable, print };
}

/** What a page said, and why it is not what was asked for, if it is not. */
interface Answer {
  readonly said: Captured | null;
  readonly isReadable: boolean;
  readonly reason: Reason;
}

/** Ask the page: where nobody pointed at anything, each frame for a selection; else the frame that was clicked. */
async function read({ tab, order, info }: Target): Promise<Answer> {
  const top = { tabId: tab.id ?? chrome.tabs.TAB_ID_NONE };
  const all = { ...top, allFrames: true };
  if (!(await inject(all))) return { said: null, isReadable: false, reason: "page" };
  if (order.name === "auto") {
    const selected = (await call<Captured>(all, CAPTURE, { name: "selection" })).find((one) => one !== null);
    if (selected !== undefined) return { said: selected, isReadable: true, reason: "missing" };
  }
  const clicked = order.name === "page" ? 0 : (info?.frameId ?? 0);
  const [said] = await call<Captured>({ ...top, frameIds: [clicked] }, CAPTURE, order);
  const isClosed = said === undefined && clicked !== 0;
  return { said: said ?? null, isReadable: true, reason: isClosed ? "frame" : "missing" };
}

/** Return what the browser says of it by itself: of a selection its words, of an image and a video where it is. */
function whatTheTabSays({ tab, order, info }: Target): Captured {
  const [address, title] = [withoutFragment(info?.pageUrl ?? tab.url ?? ""), tab.title ?? ""];
  const none = { html: "", anchor: null, note: "", description: "", language: "", favicon: "", image: null };
  const page: Captured = { ...none, kind: "page", title, body: "", address };
  if (order.name === "video") return { ...page, kind: "video", address: ownPage(info?.frameUrl ?? "") ?? address };
  if (order.name === "image") {
    const isOfWeb = /^https?:/i.test(order.srcUrl) && order.srcUrl.length <= LIMITS.address;
    return { ...page, kind: "image", body: isOfWeb ? order.srcUrl : "" }; // nothing else tells which one it was
  }
  const words = order.name === "selection" ? (info?.selectionText ?? "") : "";
  return words === "" ? page : { ...page, kind: "text", body: words };
}

/** Return a picture as it is sent to the library; null where the tab shows none, or more than a message holds. */
async function pictureOf(image: NonNullable<Captured["image"]>, tab: chrome.tabs.Tab): Promise<Picture | null> {
  if (!("rect" in image)) return image.base64.length <= PICTURE_MOST ? image : null;
  try {
    const draw = () => chrome.tabs.captureVisibleTab(tab.windowId, { format: "png" });
    const address = await withoutNotice(tab, draw); // data:image/png;base64,…
    const { active } = await chrome.tabs.get(tab.id ?? chrome.tabs.TAB_ID_NONE);
    const screen = address.slice(address.indexOf(",") + 1);
    return active && screen.length <= PICTURE_MOST ? { ...image, screen } : null; // else it may show another tab
  } catch (error) {
    console.warn(`the tab could not be drawn (${String(error)})`);
    return null; // the notice says so
  }
}

async function printOf(what: unknown): Promise<string> {
  return await sha256Of(new TextEncoder().encode(JSON.stringify(what)));
}
