/** What reaches the app from outside its window goes in: a shortcut, what another app shared, files to open. */

import { sharesName } from "../service/shares.ts";
import { drafted, draftsOfShare } from "./draft.ts";
import { ask, complain, counted, refresh, say, sheet } from "./state.ts";

interface LaunchQueue {
  setConsumer(consumer: (launch: { readonly files?: readonly FileSystemFileHandle[] }) => void): void;
}

/** Act on how the app was opened, now and each time that it is opened again in this window. */
export function listen(): void {
  addEventListener("hashchange", () => void follow(location.hash));
  void follow(location.hash);
  void saveShares(); // those too that a window kept and could not save before it closed
  const { launchQueue } = globalThis as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(({ files = [] }) => {
    void Promise.all(files.map((handle) => handle.getFile())).then(offer);
  });
}

/** Offer to bring files in, beside those that are offered already; nothing happens to the library until the person agrees. */
export function offer(files: readonly File[]): void {
  const open = sheet.value;
  const before = open.name === "bring" ? open.files : [];
  if (files.length > 0) sheet.value = { name: "bring", files: [...before, ...files] };
}

async function follow(hash: string): Promise<void> {
  const act = HASHES[hash];
  if (act === undefined) return;
  history.replaceState(null, "", location.pathname + location.search); // so that a reload does not do it again
  await act();
}

const HASHES: Readonly<Record<string, () => void | Promise<void>>> = {
  "#new": () => {
    sheet.value = { name: "new" };
  },
  "#search": () => document.querySelector<HTMLElement>("#search")?.focus(),
  "#shared": () => saveShares(),
  "#not-shared": () =>
    say("What was shared could not be kept: free some storage, then share it again", { canUndo: false }),
};

/** Save what the service worker keeps: each share once, however often, and one that fails is there at the next start. */
async function saveShares(): Promise<void> {
  const scope = new URL("./", document.baseURI).href;
  if (!("caches" in globalThis) || !(await caches.has(sharesName(scope)))) return;
  const cache = await caches.open(sharesName(scope));
  let saved = 0;
  for (const request of await cache.keys()) {
    try {
      const form = await (await cache.match(request))?.formData();
      if (form === undefined) continue; // another window was faster
      saved += await saveShare(form, request.url.replace(`${scope}share/`, ""));
      await cache.delete(request);
    } catch (error) {
      complain(error);
    }
  }
  if (saved === 0) return;
  say(`Saved ${counted(saved)} from another app`, { canUndo: true });
  await refresh();
}

async function saveShare(form: FormData, key: string): Promise<number> {
  let saved = 0;
  for (const draft of draftsOfShare(form, key)) {
    const { isNew } = await ask("save", await drafted(draft));
    if (isNew) saved += 1;
  }
  return saved;
}
