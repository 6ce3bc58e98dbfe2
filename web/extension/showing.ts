/** What became of a save goes in; a notice in the page, or a mark on the button where the page takes none, comes out. */

import { NOTICE, type NoticeDoor, type Shown } from "./messages.ts";

const MARK_MS = 6000;
const DRAWN_MS = 300; // within which a page that is in sight is drawn
const MARKS = {
  saved: { text: "✓", color: "#2b45d4" },
  failed: { text: "!", color: "#b8401b" },
} as const;

/** Show it in the page; where that takes no notice, as a drawing or a page of the browser, or was left meanwhile, on the button. */
export async function show(tab: number | undefined, shown: Shown): Promise<void> {
  if (await isShownIn(tab, shown)) return;
  if (shown.name === "saved") await mark(tab, "saved", shown.lacks || "Saved");
  else await mark(tab, "failed", shown.why);
}

async function isShownIn(tab: number | undefined, shown: Shown): Promise<boolean> {
  const target = { tabId: tab ?? chrome.tabs.TAB_ID_NONE };
  try {
    await chrome.scripting.executeScript({ target, files: ["notice.js"] });
    const [answer] = await chrome.scripting.executeScript({ target, func: showIn, args: [NOTICE, shown] });
    return answer?.result === true;
  } catch {
    return false;
  }
}

/** Return whether the page shows this very cutout as saved: then the focus goes there, and nothing is to be saved. */
export async function isShownAlready(tab: number | undefined, print: string): Promise<boolean> {
  const target = { tabId: tab ?? chrome.tabs.TAB_ID_NONE };
  try {
    const [answer] = await chrome.scripting.executeScript({ target, func: takesFocusIn, args: [NOTICE, print] });
    return answer?.result === true;
  } catch {
    return false; // the page was left meanwhile
  }
}

/** Do this while no notice is seen on the page, and return what it comes to. */
export async function withoutNotice<Answer>(tab: chrome.tabs.Tab, work: () => Promise<Answer>): Promise<Answer> {
  const target = { tabId: tab.id ?? chrome.tabs.TAB_ID_NONE };
  const fade = (isFaded: boolean) =>
    chrome.scripting.executeScript({ target, func: fadeIn, args: [NOTICE, isFaded, DRAWN_MS] });
  await fade(true);
  try {
    return await work();
  } finally {
    await fade(false);
  }
}

/** Say it on the toolbar button, for people who look and for those who hear its name. */
export async function mark(tab: number | undefined, name: keyof typeof MARKS, sentence: string): Promise<void> {
  const { text, color } = MARKS[name];
  const about = tab === undefined ? {} : { tabId: tab };
  try {
    await chrome.action.setBadgeBackgroundColor({ ...about, color });
    await chrome.action.setBadgeText({ ...about, text });
    await chrome.action.setTitle({ ...about, title: sentence });
  } catch {
    return; // the tab was closed: there is nobody to tell
  }
  setTimeout(() => void unmark(about), MARK_MS);
}

/** If the tab is gone, so is its mark. */
async function unmark(about: { tabId?: number }): Promise<void> {
  const title = chrome.runtime.getManifest().action?.default_title ?? "";
  try {
    await chrome.action.setBadgeText({ ...about, text: "" });
    await chrome.action.setTitle({ ...about, title });
  } catch {
    // the tab was closed
  }
}

// These run in the page: they see their arguments and nothing else of this file.

function showIn(name: string, shown: Shown): boolean {
  const door = (globalThis as unknown as Record<string, NoticeDoor | undefined>)[name];
  const takesNotices = document.documentElement instanceof HTMLElement;
  if (takesNotices) door?.show(shown);
  return takesNotices && door !== undefined;
}

/** A tab that is not in sight is not drawn, and so not waited for. */
async function fadeIn(name: string, isFaded: boolean, most: number): Promise<void> {
  const isShown = (globalThis as unknown as Record<string, NoticeDoor | undefined>)[name]?.fade(isFaded) ?? false;
  if (!isShown || !isFaded) return;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, most);
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
  });
}

function takesFocusIn(name: string, print: string): boolean {
  return (globalThis as unknown as Record<string, NoticeDoor | undefined>)[name]?.takesFocus(print) ?? false;
}
