/** What a person does in the browser goes in; where it has to go is decided here. In memory is only whose turn it is. */

import type { Order } from "./captured.ts";
import { cutOut, type Target } from "./cutting.ts";
import { LACKS_PICTURE } from "./lacking.ts";
import type { FromNotice, KeeperAsk, Reply, Shown, ToPanel } from "./messages.ts";
import { openPanel } from "./opening.ts";
import { isShownAlready, mark, show } from "./showing.ts";
import { keyOf, permit } from "./tickets.ts";
import { type Begun, noteBegun, noteEnded, unfinished } from "./unfinished.ts";

/** Asks the library, wherever it is. */
export type AskKeeper = (ask: KeeperAsk) => Promise<Reply>;

/** Begins to see to it that this worker is started again if it is stopped; returns what ends that. */
export type Watch = () => () => Promise<void>;

const MENUS: readonly (chrome.contextMenus.CreateProperties & { id: string })[] = [
  { id: "selection", title: "Cut out the selection", contexts: ["selection"] },
  { id: "image", title: "Cut out this image", contexts: ["image"] },
  { id: "video", title: "Cut out this moment", contexts: ["video"] },
  { id: "page", title: "Cut out this page", contexts: ["page"] },
  { id: "panel", title: "Show what was saved from here", contexts: ["action"] },
];

/** Listen from now on. Must be called while the script is first run: an event may be what woke it. */
export function route(askKeeper: AskKeeper, watch: Watch = () => async () => {}): void {
  void tellUnfinished(askKeeper, watch);
  chrome.runtime.onInstalled.addListener(() => void addMenus());
  chrome.action.onClicked.addListener((tab) => {
    void inTurn(tab, () => save({ tab, order: { name: "auto" } }, askKeeper, watch));
  });
  chrome.contextMenus.onClicked.addListener((info, tab) => {
    if (tab === undefined) return;
    if (info.menuItemId === "panel") void openPanel(tab).then(tellPanels);
    else void inTurn(tab, () => save({ tab, info, order: orderOf(info) }, askKeeper, watch));
  });
  chrome.runtime.onMessage.addListener((message: FromNotice, sender, reply) => {
    if (message.to !== "background" || sender.id !== chrome.runtime.id || sender.tab === undefined) return false;
    if (message.ask.name === "open")
      void openPanel(sender.tab); // at once: a browser opens it right after a click only
    else void answerNotice(message, sender, askKeeper).then(reply);
    return message.ask.name !== "open";
  });
}

/** Also after an update, when those of the version before are there still. */
async function addMenus(): Promise<void> {
  await chrome.contextMenus.removeAll();
  for (const menu of MENUS) chrome.contextMenus.create(menu);
}

function orderOf({ menuItemId, srcUrl }: chrome.contextMenus.OnClickData): Order {
  if (menuItemId === "image") return { name: "image", srcUrl: srcUrl ?? "" };
  if (menuItemId === "video") return srcUrl === undefined ? { name: "video" } : { name: "video", srcUrl };
  return { name: menuItemId === "selection" ? "selection" : "page" };
}

/** Do this when what was begun in the tab before has ended: the second of two quick presses has to find a notice. */
async function inTurn({ id = chrome.tabs.TAB_ID_NONE }: chrome.tabs.Tab, work: () => Promise<void>): Promise<void> {
  const mine = (turns.get(id) ?? Promise.resolve()).then(work);
  const ended = mine.catch(() => {}); // whoever began it hears of its failure
  turns.set(id, ended);
  await ended;
  if (turns.get(id) === ended) turns.delete(id);
  await mine;
}
const turns = new Map<number, Promise<void>>();

/** Cut out, save, and only then say that it is saved. If this worker is stopped in between, the next one says what is so. */
async function save(target: Target, askKeeper: AskKeeper, watch: Watch): Promise<void> {
  const { id, title = "" } = target.tab;
  const begun: Begun = { key: crypto.randomUUID(), tab: id, kind: "page", title, lacks: "", print: "" };
  const unwatch = watch();
  try {
    await noteBegun(begun);
    await cutAndKeep(target, begun, askKeeper);
    await noteEnded(begun.key);
  } finally {
    await unwatch();
  }
}

async function cutAndKeep(target: Target, { key, tab }: Begun, askKeeper: AskKeeper): Promise<void> {
  const { captured, picture, isReadable, print, lacks } = await cutOut(target);
  if (captured === null) return await mark(tab, "failed", "There is nothing to save: this tab has no address");
  if (isReadable && (await isShownAlready(tab, print))) return;
  const title = captured.title || captured.address;
  const begun = { key, tab, kind: captured.kind, title, lacks, print };
  await noteBegun(begun);
  const saving = { key, captured, picture, created: Date.now() };
  await tell(begun, await askKeeper({ name: "save", saving }));
}

/** Say what became of a save: in the page, or on the button. */
async function tell({ key, tab, ...about }: Begun, reply: Reply): Promise<void> {
  const lacks = about.lacks === "" && reply.isDone && reply.lacksPicture ? LACKS_PICTURE : about.lacks;
  const shown: Shown = reply.isDone
    ? { name: "saved", ...about, lacks, nonce: await permit(tab, key) }
    : { name: "failed", why: reply.why };
  await show(tab, shown);
  await tellPanels();
}

/** Say what became of the saves in whose midst a worker before this one was stopped. */
async function tellUnfinished(askKeeper: AskKeeper, watch: Watch): Promise<void> {
  const all = await unfinished();
  if (all.length === 0) return;
  const unwatch = watch();
  try {
    for (const begun of all) {
      await tell(begun, await askKeeper({ name: "has", key: begun.key }));
      await noteEnded(begun.key);
    }
  } finally {
    await unwatch();
  }
}

/** Answer a notice about its own cutout, and about no other. */
async function answerNotice(
  { nonce, ask }: FromNotice,
  { tab, frameId }: chrome.runtime.MessageSender,
  askKeeper: AskKeeper,
): Promise<Reply> {
  const key = await keyOf(nonce, tab?.id, frameId);
  if (key === null || ask.name === "open") return { isDone: false, why: "this notice is out of date: use the panel" };
  return await askKeeper({ name: "about", key, about: ask });
}

/** Panels may know more of the tab now that the person acted on it. */
async function tellPanels(): Promise<void> {
  try {
    await chrome.runtime.sendMessage<ToPanel>({ to: "panel" });
  } catch {
    // no panel is open
  }
}
