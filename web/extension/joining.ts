/** The address of the app goes in; a line to the page there comes out, once the person allowed its site. */

import { HAND_OVER, HandOverError, Line } from "../app/line.ts";
import { arrival } from "./arrival.ts";

/** A line, and how to let go of it. */
export interface Connection {
  readonly line: Line;
  close(): void;
}

/** Return the tab that shows the app, opened if there is none, once its page is there. */
export async function tabOfApp(address: string, signal: AbortSignal): Promise<number> {
  const isApp = ({ url }: chrome.tabs.Tab) => url !== undefined && pageOf(url) === pageOf(address);
  const open = (await chrome.tabs.query({})).find((tab) => isApp(tab) && !tab.discarded);
  const { id } = open ?? (await chrome.tabs.create({ url: address, active: false }));
  if (id === undefined) throw new HandOverError(`no tab could be opened for ${address}: open it and try again`);
  await arrival(id, address, signal);
  return id;
}

function pageOf(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}

/** Return a line to the app in a tab. Raises HandOverError where the page is another, or of another site by now. */
export async function connect(tabId: number, site: string): Promise<Connection> {
  const key = crypto.randomUUID();
  const about = [key, site, HAND_OVER.mark, HAND_OVER.version, HAND_OVER.hello] as const;
  const target = { tabId, frameIds: [0] };
  const [answer] = await chrome.scripting.executeScript({ target, func: relay, args: [...about] }).catch(() => []);
  if (answer?.result !== "listens") throw new HandOverError(WHY_NOT[answer?.result ?? "missing"]);
  const port = chrome.tabs.connect(tabId, { frameId: 0, name: key });
  const line = new Line((said) => port.postMessage(said));
  port.onMessage.addListener((said) => line.receive(said));
  port.onDisconnect.addListener(() => line.cut("the tab of the app was closed, or left the app"));
  return { line, close: () => port.disconnect() };
}

const WHY_NOT = {
  missing: "the page there is not Cutouts: give the address of the app’s own page, library.html",
  older: "the app there is of another version: reload its tab, or update the extension",
  elsewhere: "the tab shows another site by now: open the app there and try again",
} as const;

/**
 * Runs in the page: it sees its arguments and nothing else of this file. It hears the panel by a name that was made for
 * this time alone, and passes each message on, both ways, through a port that only the page's own window gets.
 */
function relay(key: string, site: string, mark: string, version: string, hello: string) {
  if (location.origin !== site) return "elsewhere";
  const said = document.documentElement.dataset[mark];
  if (said !== version) return said === undefined ? "missing" : "older";
  const listen = (panel: chrome.runtime.Port) => {
    if (panel.name !== key || panel.sender?.id !== chrome.runtime.id) return;
    chrome.runtime.onConnect.removeListener(listen);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => panel.postMessage(data);
    panel.onMessage.addListener((message) => port1.postMessage(message));
    panel.onDisconnect.addListener(() => {
      port1.onmessage = null;
      port1.postMessage(null);
      port1.close();
    });
    window.postMessage(hello, site, [port2]);
  };
  chrome.runtime.onConnect.addListener(listen);
  return "listens";
}
