/** The app, beside a tab: it is told what is read there, and opens pages there. */

import { begin } from "../app/begin.tsx";
import { here, host } from "../app/host.ts";
import { forgetParcels } from "../app/parcel.ts";
import { welcome } from "../app/settings.ts";
import { complain, refresh } from "../app/state.ts";
import { claimedBy, tabBeside, toldBy } from "./beside.ts";
import { Join } from "./join.tsx";
import { hasBundle } from "./keeper.ts";
import { openPlace } from "./leading.ts";
import { isFromExtension, type ToPanel } from "./messages.ts";
import { giveBackBorrowed } from "./permission.ts";

let looks = 0;

void start();

async function start(): Promise<void> {
  welcome(); // what is asked at the first start of the app was said when the extension was installed
  host.value = { open: openPlace, hasModel: await hasBundle(), DataPart: Join };
  here.value = { addresses: toldBy(await tabBeside()) };
  begin();
  void look();
  forgetParcels().catch(complain);
  giveBackBorrowed().catch(complain);
  chrome.tabs.onActivated.addListener(() => void look());
  chrome.tabs.onUpdated.addListener((_, { status }, tab) => {
    if (tab.active && status === "complete") void look();
  });
  chrome.permissions.onRemoved.addListener(() => void look());
  chrome.runtime.onMessage.addListener((message: ToPanel, sender) => {
    if (message.to === "panel" && isFromExtension(sender)) void look();
  });
}

/**
 * Ask what is read. The browser tells the address of a tab only while what the person did there holds; then its page may
 * be asked too, which answers once it is loaded.
 */
async function look(): Promise<void> {
  const mine = ++looks;
  const tab = await tabBeside();
  const told = toldBy(tab);
  if (mine !== looks) return; // another tab came in front
  await know(told);
  if (tab === undefined || told.length === 0) return;
  const claimed = await claimedBy(tab);
  if (mine === looks) await know([...new Set([...told, ...claimed])]);
}

async function know(addresses: readonly string[]): Promise<void> {
  if (here.value?.addresses.join() === addresses.join()) return;
  here.value = { addresses };
  await refresh();
}
