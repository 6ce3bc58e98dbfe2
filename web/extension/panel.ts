/** The app, beside a tab: it is told what is read there, and opens pages there. */

import { begin } from "../app/begin.tsx";
import { here, host, withoutFragment } from "../app/host.ts";
import { welcome } from "../app/settings.ts";
import { refresh } from "../app/state.ts";
import { hasBundle } from "./keeper.ts";
import { isFromExtension, type ToPanel } from "./messages.ts";

void start();

async function start(): Promise<void> {
  welcome(); // what is asked at the first start of the app was said when the extension was installed
  host.value = { open: (address) => void open(address), hasModel: await hasBundle() };
  await look();
  begin();
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

async function open(address: string): Promise<void> {
  const tab = await tabBeside();
  const isThere = tab?.url !== undefined && withoutFragment(tab.url) === withoutFragment(address);
  if (isThere && tab?.id !== undefined) await chrome.tabs.update(tab.id, { url: address });
  else await chrome.tabs.create({ url: address });
}
