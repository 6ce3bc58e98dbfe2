/** The service worker of Chromium: what a person does goes in, the offscreen document is asked to save it. */

import type { KeeperAsk, Reply, ToKeeper } from "./messages.ts";
import { route } from "./route.ts";

let creating: Promise<void> | undefined;

route(askKeeper, watch);
chrome.runtime.onConnect.addListener(() => {}); // a line that a new document begins is taken, or it would end at once

/** Hold a line to the document that holds the library: when this worker is stopped, it sees that and starts it again. */
function watch(): () => Promise<void> {
  const line = ensureDocument().then(() => chrome.runtime.connect());
  return async () => (await line).disconnect();
}

/**
 * Return the reply of the document that holds the library, made anew when it is gone. To ask twice changes nothing: a
 * cutout is saved under its key once.
 */
async function askKeeper(ask: KeeperAsk): Promise<Reply> {
  const message: ToKeeper = { to: "keeper", ask };
  for (let left = 2; ; left--) {
    await ensureDocument();
    const reply = await sent(message);
    if (reply !== undefined) return reply;
    if (left === 0) return { isDone: false, why: "the library did not answer: restart the browser and save again" };
  }
}

/** Return the reply, or undefined when nobody was there to give one. */
async function sent(message: ToKeeper): Promise<Reply | undefined> {
  try {
    return await chrome.runtime.sendMessage<ToKeeper, Reply | undefined>(message);
  } catch {
    return undefined; // it was closed while it was asked
  }
}

async function ensureDocument(): Promise<void> {
  const there = await chrome.runtime.getContexts({ contextTypes: [chrome.runtime.ContextType.OFFSCREEN_DOCUMENT] });
  if (there.length > 0 && creating === undefined) return;
  creating ??= chrome.offscreen
    .createDocument({
      url: "offscreen.html",
      reasons: [chrome.offscreen.Reason.WORKERS],
      justification: "The library is a database in a worker, and the model that tags runs in another one.",
    })
    .finally(() => {
      creating = undefined;
    });
  await creating;
}
