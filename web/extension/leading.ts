/** A cutout goes in; its page is shown, in the tab beside the panel or a new one, and led to the place on it. */

import { here, isPageOf } from "../app/host.ts";
import { type Anchor, type Cutout, isNamed, placeOf } from "../library/index.ts";
import { arrival } from "./arrival.ts";
import { tabBeside, toldBy } from "./beside.ts";
import { PLACE } from "./captured.ts";
import { call, inject } from "./injection.ts";
import { isAllowed, withSite } from "./permission.ts";
import { siteOfApp } from "./site.ts";

type Placed = Pick<Cutout, "address" | "anchor">;

const ARRIVAL_MS = 30_000; // for a page to be there
const PATIENCE_MS = 5_000; // for a page that is there to draw its words and to know its video

/**
 * Go to a cutout's place; return whether it is shown. Where no address leads the person is asked to let the extension in,
 * at once: a browser asks right after a click only.
 */
export async function openPlace(cutout: Placed): Promise<boolean> {
  const site = siteOfApp(cutout.address);
  const isBeside = isPageOf(here.value?.addresses ?? [], cutout.address);
  if (isBeside || isNamed(cutout) || site === null) return await show(cutout, { isLetIn: false });
  const isShown = await withSite(site, { isKept: isAllowed(site) }, () => show(cutout, { isLetIn: true }));
  return isShown ?? (await show(cutout, { isLetIn: false }));
}

/**
 * Show the page. The one that stands beside is led by the script that cut the cutout out, which also finds what stands in
 * a frame or moved; if that does not find it, and elsewhere, the address leads; a new tab is led by both.
 */
async function show(cutout: Placed, { isLetIn }: { isLetIn: boolean }): Promise<boolean> {
  const { address, anchor } = cutout;
  const url = placeOf(cutout);
  if (url === null) return false;
  const tab = await tabBeside();
  if (tab?.id !== undefined && isPageOf(toldBy(tab), address)) {
    if (anchor !== null && (await leads(tab.id, anchor, 0))) return true;
    await chrome.tabs.update(tab.id, { url });
    return isNamed(cutout);
  }
  const { id } = await chrome.tabs.create({ url });
  if (isNamed(cutout) || anchor === null) return true;
  if (!isLetIn || id === undefined || !(await isThere(id, address))) return false;
  return await leads(id, anchor, PATIENCE_MS);
}

/** Wait for a page; return whether it came, which it does not if it leads on to another site or the tab is closed. */
async function isThere(tabId: number, address: string): Promise<boolean> {
  try {
    await arrival(tabId, address, AbortSignal.timeout(ARRIVAL_MS));
    return true;
  } catch (error) {
    console.warn(`the page of a cutout did not come (${String(error)})`);
    return false; // the app says where on the page the place is
  }
}

/** Return whether a frame of the tab showed the place; none does where the extension may not look in. */
async function leads(tabId: number, anchor: Anchor, patience_ms: number): Promise<boolean> {
  const target = { tabId, allFrames: true };
  if (!(await inject(target))) return false;
  return (await call<boolean>(target, PLACE, anchor, patience_ms)).includes(true);
}
