/** Messages of the service worker come in, the library answers. This document lives as long as it is needed, unseen. */

import { Keeper } from "./keeper.ts";
import { isFromExtension, type ToKeeper } from "./messages.ts";

const keeper = new Keeper();

chrome.runtime.onMessage.addListener((message: ToKeeper, sender, reply) => {
  if (message.to !== "keeper" || !isFromExtension(sender)) return false;
  void keeper.answer(message.ask).then(reply);
  return true; // the reply comes later
});
