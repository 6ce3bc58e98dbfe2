/** A site goes in; the person is asked whether the extension may be let in there, for as long as it is needed. */

import { patternOf } from "./site.ts";

const BORROWED = "cutouts: site to give back";
const LOCK = "cutouts-join";

/**
 * Return what comes of a use of a site, or null without the permission. The person is asked at once: a browser asks right
 * after a click only. Unless it `isKept`, it is given back at the end, by the next panel if this one is closed.
 */
export async function withSite<Result>(
  site: string,
  about: { isKept: boolean | Promise<boolean> },
  use: () => Promise<Result>,
): Promise<Result | null> {
  const asked = chrome.permissions.request({ origins: originsOf(site) });
  return await navigator.locks.request(LOCK, async () => {
    const isKept = await about.isKept;
    if (!isKept) localStorage.setItem(BORROWED, site);
    try {
      return (await asked) ? await use() : null;
    } finally {
      if (!isKept) await giveBack(site);
      localStorage.removeItem(BORROWED);
    }
  });
}

/** Give back what a panel borrowed that was closed in between, unless another one is at it. */
export async function giveBackBorrowed(): Promise<void> {
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    const site = localStorage.getItem(BORROWED);
    if (lock === null || site === null) return;
    await giveBack(site);
    localStorage.removeItem(BORROWED);
  });
}

/** Return whether the person let the extension into a site, and left it there. */
export async function isAllowed(site: string): Promise<boolean> {
  const isBorrowed = localStorage.getItem(BORROWED) === site;
  return (await chrome.permissions.contains({ origins: originsOf(site) })) && !isBorrowed;
}

/** Give the permission for a site back. */
export async function giveBack(site: string): Promise<void> {
  await chrome.permissions.remove({ origins: originsOf(site) });
}

function originsOf(site: string): string[] {
  const hasPorts = !("browser_specific_settings" in chrome.runtime.getManifest());
  return [patternOf(site, { hasPorts })];
}
