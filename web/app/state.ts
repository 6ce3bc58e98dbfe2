/** Everything that the app shows, in one place, and what a person can do to it. */

import { computed, signal } from "@preact/signals";
import type { Contents, Edit, Found, Hit, ModelState, NewCutout, State, Tag } from "../library/index.ts";
import { LibraryError, openLibrary } from "../library/index.ts";
import { type Draft, drafted } from "./draft.ts";

export const PAGE = 50; // hits asked for at once

/** What the person types to search, filters included. */
export const query = signal("");
export const found = signal<Omit<Found, "hits">>({ total: 0, understood: [], replaced: [] });
/** Hits by page; a page that is not there yet is on its way. */
export const pages = signal<ReadonlyMap<number, readonly Hit[]>>(new Map());
/** The place of the line that keys act on. */
export const active = signal(0);
/** Keys of the cutouts that are chosen. */
export const chosen = signal<ReadonlySet<string>>(new Set());
export const tags = signal<readonly Tag[]>([]);
export const contents = signal<Contents | null>(null);
export const libraryState = signal<State>({ name: "opening" });
export const model = signal<ModelState>({ name: "none" });
/** What is open above the list. */
export const sheet = signal<Sheet>({ name: "none" });
/** The last thing that happened, and whether it can be taken back. */
export const notice = signal<{ readonly text: string; readonly canUndo: boolean } | null>(null);
export const isReady = computed(() => contents.value !== null);

export type Sheet =
  | { readonly name: "none" | "new" | "help" | "data" | "tags" }
  | { readonly name: "cutout" | "edit" | "tag"; readonly keys: readonly string[] }
  | { readonly name: "replace"; readonly keys: readonly string[]; readonly tag: string }
  | { readonly name: "bring"; readonly files: readonly File[] };

const NOTICE_MS = 8000;
const library = openLibrary({
  onState: (state) => {
    libraryState.value = state;
    if (state.name === "owner") void startModel();
  },
  onChange: () => scheduleRefresh(),
  onModel: (state) => {
    model.value = state;
  },
});
let asked = 0;
let fading: ReturnType<typeof setTimeout> | undefined;
let isToRefresh = false;

/** Ask the library; what goes wrong is the caller's to show. */
export const ask: typeof library.ask = (name, what, options) => library.ask(name, what, options);

/** Show what a query finds, from the first hit on. */
export async function find(text: string): Promise<void> {
  query.value = text;
  active.value = 0;
  chosen.value = new Set();
  await (isReady.value ? show() : refresh());
}

/** Ask anew for all that is shown: the list first, since to count takes longer the more there is. */
export async function refresh(): Promise<void> {
  await show();
  await count();
}

/** Ask for the hits: those in sight stay until the new ones are there. */
async function show(): Promise<void> {
  const mine = ++asked;
  try {
    const page = Math.floor(active.value / PAGE);
    const { hits, ...rest } = await library.ask("find", { text: query.value, offset: page * PAGE, limit: PAGE });
    if (mine !== asked) return; // a later question was asked meanwhile
    found.value = rest;
    pages.value = new Map([[page, hits]]);
    active.value = Math.max(0, Math.min(active.value, rest.total - 1));
  } catch (error) {
    complain(error);
  }
}

/** Ask how much there is, which typing a query does not change. */
async function count(): Promise<void> {
  try {
    const [allTags, inNumbers] = await Promise.all([library.ask("tags", null), library.ask("contents", null)]);
    tags.value = allTags;
    contents.value = inNumbers;
  } catch (error) {
    complain(error);
  }
}

/** Changes come in bursts, as while a model reads: one look at the library is enough for all of them. */
function scheduleRefresh(): void {
  if (isToRefresh) return;
  isToRefresh = true;
  setTimeout(() => {
    isToRefresh = false;
    void refresh();
  }, 50);
}

/** Ask for the hits of a page that came into sight. */
export async function needPage(page: number): Promise<void> {
  if (pages.value.has(page) || wanted.has(page)) return;
  const mine = asked;
  wanted.add(page);
  try {
    const { hits } = await library.ask("find", { text: query.value, offset: page * PAGE, limit: PAGE });
    if (mine === asked) pages.value = new Map([...pages.value, [page, hits]]);
  } catch (error) {
    complain(error);
  } finally {
    wanted.delete(page);
  }
}
const wanted = new Set<number>();

/** Return the hit at a place of the list, if it is there. */
export function hitAt(place: number): Hit | undefined {
  return pages.value.get(Math.floor(place / PAGE))?.[place % PAGE];
}

/** Return the keys that an action is meant for: those chosen, else the active line's. */
export function targets(): string[] {
  if (chosen.value.size > 0) return [...chosen.value];
  const hit = hitAt(active.value);
  return hit === undefined ? [] : [hit.key];
}

/** Save what was pasted, dropped or typed. */
export async function save(draft: Draft): Promise<void> {
  const { cutout, asset } = await drafted(draft);
  await act(async () => {
    await library.ask("save", asset === undefined ? { cutout } : { cutout, asset });
    say(`Saved “${titleOf(cutout)}”`, { canUndo: true });
  });
}

function titleOf({ title, body, address }: NewCutout): string {
  const text = title || body || address || "an image";
  return text.length > 40 ? `${text.slice(0, 40).trim()}…` : text;
}

export const editCutout = (key: string, edit: Edit) =>
  act(async () => {
    await library.ask("edit", { key, edit });
    say("Changed", { canUndo: true });
  });

export const addTag = (keys: readonly string[], name: string) =>
  act(async () => {
    await library.ask("tag", { keys, name });
    say(`Tagged “${name}”`, { canUndo: true });
  });

export const removeTag = (keys: readonly string[], name: string) =>
  act(async () => {
    await library.ask("untag", { keys, name });
    say(`Removed “${name}”`, { canUndo: true });
  });

export const replaceTag = (keys: readonly string[], from: string, to: string) =>
  act(async () => {
    await library.ask("replaceTag", { keys, from, to });
    say(`“${to}” instead of “${from}”`, { canUndo: true });
  });

export const trash = (keys: readonly string[], { isTrashed }: { isTrashed: boolean }) =>
  act(async () => {
    if (keys.length === 0) return;
    await library.ask("trash", { keys, isTrashed });
    chosen.value = new Set();
    say(`${counted(keys.length)} ${isTrashed ? "moved to the trash" : "taken out of the trash"}`, { canUndo: true });
  });

export const emptyTrash = () =>
  act(async () => {
    const { cutouts } = await library.ask("emptyTrash", null);
    say(`${counted(cutouts)} deleted`, { canUndo: true });
  });

export const renameTag = (from: string, to: string) =>
  act(async () => {
    await library.ask("renameTag", { from, to });
    say(`“${from}” is “${to}” now`, { canUndo: true });
  });

export const deleteTag = (name: string) =>
  act(async () => {
    await library.ask("deleteTag", { name });
    say(`Deleted the tag “${name}”`, { canUndo: true });
  });

export const undo = () =>
  act(async () => {
    const { what } = await library.ask("undo", null);
    say(what === null ? "There is nothing to undo" : "Undone", { canUndo: false });
  });

/** Return how many cutouts in words. */
export function counted(count: number): string {
  return count === 1 ? "1 cutout" : `${count.toLocaleString()} cutouts`;
}

async function act(work: () => Promise<void>): Promise<void> {
  try {
    await work();
    await refresh();
  } catch (error) {
    complain(error);
  }
}

/** Show a sentence for some seconds; people who hear the page hear it. */
export function say(text: string, { canUndo }: { canUndo: boolean }): void {
  notice.value = { text, canUndo };
  clearTimeout(fading);
  fading = setTimeout(() => {
    notice.value = null;
  }, NOTICE_MS);
}

/** Show what went wrong, and what to do. */
export function complain(error: unknown): void {
  if (!(error instanceof Error)) throw error;
  const text =
    error instanceof LibraryError ? error.message : `something went wrong (${error.message}): reload the page`;
  say(text, { canUndo: false });
}

const PUT_OFF = "cutouts: no model yet";

/** Load the model beside the app, unless the person put it off. */
export async function startModel({ isAsked = false }: { isAsked?: boolean } = {}): Promise<void> {
  if (isAsked) localStorage.removeItem(PUT_OFF);
  if (localStorage.getItem(PUT_OFF) !== null || !wasWelcomed()) return;
  model.value = await library.ask("useModel", { url: new URL("bundle/", document.baseURI).href });
}

/** Remember that the person wants no model for now. */
export function putModelOff(): void {
  localStorage.setItem(PUT_OFF, "1");
}

const WELCOMED = "cutouts: welcomed";

export function wasWelcomed(): boolean {
  return localStorage.getItem(WELCOMED) !== null;
}

export function welcome(): void {
  localStorage.setItem(WELCOMED, "1");
}

/** Delete the library, the model and every setting, and begin anew. */
export async function deleteEverything(): Promise<void> {
  try {
    await library.ask("wipe", null);
    for (const name of await caches.keys()) await caches.delete(name);
    localStorage.clear();
    location.reload();
  } catch (error) {
    complain(error);
  }
}
