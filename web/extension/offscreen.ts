/** Messages of the service worker come in, the library answers. This document lives as long as it is needed, unseen. */

import { Keeper } from "./keeper.ts";
import { isFromExtension, type ToKeeper, type ToWorker } from "./messages.ts";

const keeper = new Keeper();

chrome.runtime.onMessage.addListener((message: ToKeeper, sender, reply) => {
  if (message.to !== "keeper" || !isFromExtension(sender)) return false;
  void keeper.answer(message.ask).then(reply);
  return true; // the reply comes later
});

// While it saves, the worker holds a line to here, and from the start on there is one from here: it may have been stopped
// before this document was there. One that was stopped is started by any message, and says what became of the save.
chrome.runtime.onConnect.addListener(wakeAfter);
wakeAfter(chrome.runtime.connect());

function wakeAfter({ sender, onDisconnect }: chrome.runtime.Port): void {
  if (sender !== undefined && !isFromExtension(sender)) return;
  onDisconnect.addListener(() => void chrome.runtime.sendMessage<ToWorker>({ to: "worker" }));
}
