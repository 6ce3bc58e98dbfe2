/** A tab and what to cut out of it go in; the cutout and its picture come out, or what the tab says of itself. */

import { bytesOfBase64, sha256Of, siteOf, withoutFragment } from "../library/index.ts";
import { CAPTURE, type Captured, type Kept, type Order, type PictureOnScreen } from "./captured.ts";
import { checked, isAddress } from "./checked.ts";
import { iconIn } from "./icon.ts";
import { call, inject } from "./injection.ts";

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
  readonly picture: Blob | null;
  /** Whether there is a picture that could not be taken. */
  readonly lacksPicture: boolean;
  /** Whether the extension may read this page, and so show a notice in it. */
  readonly isReadable: boolean;
  /** The same for the same cutout, as when the button is pressed twice. */
  readonly print: string;
}

/** Return what was cut out; of a page that no extension may read, its address and title. */
export async function cutOut(target: Target): Promise<Cut> {
  const { captured: said, isReadable } = await read(target);
  const found = (said === null ? null : checked(said)) ?? whatTheTabSays(target);
  if (found === null) return { captured: null, picture: null, lacksPicture: false, isReadable, print: "" };
  const { image, ...rest } = found;
  const seen = { ...rest, title: rest.title || (target.tab.title ?? "") }; // a viewer of PDF names the tab alone
  const isOfTab = seen.kind !== "video" || siteOf(seen.address) === siteOf(target.tab.url ?? ""); // a player may not be
  const captured = { ...seen, icon: isOfTab ? iconIn(target.tab.favIconUrl) : null };
  const print = await printOf([seen, image !== null && "base64" in image ? image.base64.length : image]);
  const picture = image === null ? null : await pictureOf(image, target.tab);
  return { captured, picture, lacksPicture: image !== null && picture === null, isReadable, print };
}

/** Ask the page, its frames too when something in one of them may be meant. */
async function read({ tab, order, info }: Target): Promise<{ captured: Captured | null; isReadable: boolean }> {
  const top = { tabId: tab.id ?? chrome.tabs.TAB_ID_NONE };
  const frame = { ...top, frameIds: [info?.frameId ?? 0] };
  const all = { ...top, allFrames: true };
  if (!(await inject(all))) return { captured: null, isReadable: false };
  if (order.name === "selection" || order.name === "auto") {
    const selected = (await call<Captured>(all, CAPTURE, { name: "selection" })).filter((one) => one !== null);
    if (selected[0] !== undefined) return { captured: selected[0], isReadable: true };
    if (order.name === "selection") return { captured: null, isReadable: true };
  }
  const asked = order.name === "image" || order.name === "video" ? frame : top;
  const [captured = null] = await call<Captured>(asked, CAPTURE, order);
  return { captured, isReadable: true };
}

function whatTheTabSays({ tab, order, info }: Target): Captured | null {
  const address = withoutFragment(info?.pageUrl ?? tab.url ?? "");
  if (!isAddress(address)) return null;
  const selection = order.name === "selection" ? (info?.selectionText ?? "") : "";
  const none = { html: "", anchor: null, note: "", description: "", language: "", favicon: "", image: null };
  return { ...none, kind: selection === "" ? "page" : "text", title: tab.title ?? "", body: selection, address };
}

/** Return a picture from its bytes, or cut out of a picture of the tab; null when neither can be had. */
async function pictureOf(image: NonNullable<Captured["image"]>, tab: chrome.tabs.Tab): Promise<Blob | null> {
  try {
    if ("rect" in image) return await pictureOnScreen(image, tab);
    return /^image\//.test(image.type) ? new Blob([bytesOfBase64(image.base64)], { type: image.type }) : null;
  } catch (error) {
    console.warn(`a picture could not be taken (${String(error)})`);
    return null; // the notice says so
  }
}

async function pictureOnScreen({ rect, scale }: PictureOnScreen, tab: chrome.tabs.Tab): Promise<Blob> {
  const [width, height] = [Math.round(rect.width * scale), Math.round(rect.height * scale)];
  const address = await chrome.tabs.captureVisibleTab(tab.windowId, { format: "png" }); // data:image/png;base64,…
  const whole = new Blob([bytesOfBase64(address.slice(address.indexOf(",") + 1))], { type: "image/png" });
  const part = await createImageBitmap(whole, Math.round(rect.x * scale), Math.round(rect.y * scale), width, height);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(part, 0, 0);
  return await canvas.convertToBlob({ type: "image/png" });
}

async function printOf(what: unknown): Promise<string> {
  return await sha256Of(new TextEncoder().encode(JSON.stringify(what)));
}
