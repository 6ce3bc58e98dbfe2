/** The tab beside the panel; the addresses that its page goes by. */

import { here } from "../app/host.ts";
import { ownPage } from "../library/index.ts";
import { isSamePlace } from "./canonical.ts";
import { ADDRESS } from "./captured.ts";
import { isAddress } from "./checked.ts";
import { call, inject } from "./injection.ts";

type Tab = chrome.tabs.Tab;

/** Return the tab that is in front in the panel's window. */
export async function tabBeside(): Promise<Tab | undefined> {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  return tab;
}

/** Return what is known of a tab's page without asking it, none while the browser does not tell the tab's address. */
export function toldBy(tab: Tab | undefined): readonly string[] {
  const { url = "" } = tab ?? {};
  if (url === "") return [];
  if (here.value?.addresses[0] === url) return here.value.addresses;
  const own = ownPage(url); // of a video: the moment or the list that it was opened with is no other page
  return own === undefined ? [url] : [url, own];
}

/** Return the canonical address that the page of a tab claims, as a capture would keep it, or none. */
export async function claimedBy({ id, url }: Tab): Promise<readonly string[]> {
  if (id === undefined || url === undefined || !URL.canParse(url)) return [];
  const target = { tabId: id };
  if (!(await inject(target))) return [];
  const [said] = await call<unknown>(target, ADDRESS);
  return isAddress(said) && isSamePlace(new URL(said), new URL(url)) ? [said] : [];
}
