/** A tab and an address go in; the tab is waited for until it shows that site. */

import { siteOfApp } from "./site.ts";

/** Wait until a page of the address's site is there whole. Raises what the signal was aborted with, and for a closed tab. */
export async function arrival(tabId: number, address: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const change = changeOf(tabId, signal);
    const { status, url = "" } = await chrome.tabs.get(tabId);
    if (status === "complete" && siteOfApp(url) === siteOfApp(address)) return;
    await change;
  }
}

/** Wait until a tab changes or is closed, or the person has waited long enough. */
async function changeOf(tabId: number, signal: AbortSignal): Promise<void> {
  const { onUpdated, onRemoved } = chrome.tabs;
  await new Promise<void>((resolve) => {
    const done = () => {
      onUpdated.removeListener(hear);
      onRemoved.removeListener(hear);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const hear = (changed: number) => {
      if (changed === tabId) done();
    };
    onUpdated.addListener(hear);
    onRemoved.addListener(hear);
    signal.addEventListener("abort", done);
  });
}
