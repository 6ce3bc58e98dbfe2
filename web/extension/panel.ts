/** The app, beside a tab: it is told what is read there, and opens pages there. */

import { begin } from "../app/begin.tsx";
import { here, host } from "../app/host.ts";
import { forgetParcels } from "../app/parcel.ts";
import { welcome } from "../app/settings.ts";
import { complain, refresh } from "../app/state.ts";
import { type Anchor, withoutFragment } from "../library/index.ts";
import { PLACE, type Place } from "./captured.ts";
import { Join } from "./join.tsx";
import { hasBundle } from "./keeper.ts";
import { isFromExtension, type ToPanel } from "./messages.ts";
import { giveBackBorrowed } from "./permission.ts";

void start();

async function start(): Promise<void> {
  welcome(); // what is asked at the first start of the app was said when the extension was installed
  host.value = { open: (place, anchor) => void open(place, anchor), hasModel: await hasBundle(), DataPart: Join };
  await look();
  begin();
  forgetParcels().catch(complain);
  giveBackBorrowed().catch(complain);
  chrome.tabs.onActivated.addListener(() => void lookAgain());
  chrome.tabs.onUpdated.addListener((_, { status }, tab) => {
    if (tab.active && status === "complete") void lookAgain();
  });
  chrome.runtime.onMessage.addListener((message: ToPanel, sender) => {
    if (message.to === "panel" && isFromExtension(sender)) void lookAgain();
  });
}

/** Ask what is read. The browser tells the address of a tab only while what the person did there holds. */
async function look(): Promise<void> {
  const tab = await tabBeside();
  here.value = { address: tab?.url ?? null };
}

async function lookAgain(): Promise<void> {
  const before = here.value?.address;
  await look();
  if (here.value?.address !== before) await refresh();
}

async function tabBeside(): Promise<chrome.tabs.Tab | undefined> {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  return tab;
}

/**
 * Go to a place. On the page that stands beside, by the script that cut it out, which also finds what stands in a frame or
 * moved; if that does not find it, or elsewhere, by the address.
 */
async function open(place: string, anchor: Anchor | null): Promise<void> {
  const tab = await tabBeside();
  const isThere = tab?.url !== undefined && withoutFragment(tab.url) === withoutFragment(place);
  if (!isThere || tab?.id === undefined) await chrome.tabs.create({ url: place });
  else if (anchor === null || !(await leads(tab.id, anchor))) await chrome.tabs.update(tab.id, { url: place });
}

/** Return whether a frame of the tab showed the place. */
async function leads(tabId: number, anchor: Anchor): Promise<boolean> {
  const target = { tabId, allFrames: true };
  try {
    await chrome.scripting.executeScript({ target, files: ["capture.js"] });
    const answers = await chrome.scripting.executeScript({ target, func: placeIn, args: [PLACE, anchor] });
    return answers.some(({ result }) => result === true);
  } catch {
    return false; // the person did not use the extension on this page, so it may not look into it
  }
}

/** Runs in the page: it sees its arguments and nothing else of this file. */
function placeIn(name: string, anchor: Anchor): boolean {
  return (globalThis as unknown as Record<string, Place | undefined>)[name]?.(anchor) ?? false;
}
