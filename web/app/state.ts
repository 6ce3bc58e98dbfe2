/** Everything that the app shows, in one place, and what a person can do to it. */

import { computed, signal } from "@preact/signals";
import type { Contents, Edit, Found, ModelState, NewCutout, State, Tag } from "../library/index.ts";
import { LibraryError, openLibrary } from "../library/index.ts";
import { type Draft, drafted } from "./draft.ts";
import { here, host } from "./host.ts";
import { hitAt, inSight, missingPage, PAGE, putPage, replacePages, type Span, setSight } from "./pages.ts";
import { samplesFile } from "./samples.ts";
import { forgetPairsOf, forgetSettings, isModelPutOff, offerNoSamples, putModelOff, wasWelcomed } from "./settings.ts";
import { withoutTurns } from "./turns.ts";

const LIKE = 20; // cutouts like another: at most a page of them

/** What the person types to search, filters included. */
export const query = signal("");
export const found = signal<Omit<Found, "hits">>({ total: 0, understood: [], replaced: [] });
/** The place of the line that keys act on. */
export const active = signal(0);
/** How often the active line was to be brought into sight: by a key, and for each new list. */
export const sought = signal(0);
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
/** The cutout that those in the list are like, and the line that was active before; null while a query is shown. */
export const likeOf = signal<{ readonly key: string; readonly name: string; readonly place: number } | null>(null);
export const isReady = computed(() => contents.value !== null);

export type Sheet =
  | { readonly name: "none" | "new" | "help" | "data" | "tags" }
  | { readonly name: "cutout" | "edit" | "tag" | "untag" | "take out"; readonly keys: readonly string[] }
  | { readonly name: "replace"; readonly keys: readonly string[]; readonly tag: string }
  | { readonly name: "bring"; readonly files: readonly File[] };

const NOTICE_MS = 8000;
const library = openLibrary({
  onState: (state) => {
    libraryState.value = state;
    if (state.name === "owner") void startModel();
    else if (state.name === "follower") void askForModel();
  },
  onChange: () => scheduleRefresh(),
  onModel: (state) => {
    model.value = state;
  },
});
let asked = 0;
let isLooking = false;
let starting: number | undefined; // where a list that was asked for has its active line
let answered = ""; // the query whose hits are shown, which lags behind while a person types
let fading: ReturnType<typeof setTimeout> | undefined;
let refreshing: ReturnType<typeof setTimeout> | undefined;

/** Ask the library; what goes wrong is the caller's to show. */
export const ask: typeof library.ask = (name, what, options) => library.ask(name, what, options);

/** Show what a query finds, from the first hit on. */
export async function find(text: string): Promise<void> {
  query.value = text;
  likeOf.value = null;
  await begin(0);
}

/** Show what is like a cutout instead of what the query finds. */
export async function showLike(key: string, name: string): Promise<void> {
  likeOf.value = { key, name, place: likeOf.value?.place ?? active.value };
  await begin(0);
}

/** Show what the query finds again, at the line where the list was left. */
export async function leaveLike(): Promise<void> {
  const place = likeOf.value?.place ?? 0;
  likeOf.value = null;
  await begin(place);
}

async function begin(place: number): Promise<void> {
  chosen.value = new Set();
  setSight(place, place + 1);
  starting = place;
  await (isReady.value ? show() : refresh());
}

/**
 * Ask anew for all that is shown; the look that was to follow the notice of a change is this one. The list comes first,
 * since to count takes longer the more there is.
 */
export async function refresh(): Promise<void> {
  clearTimeout(refreshing);
  refreshing = undefined;
  await show();
  await count();
}

/** Ask for the hits: those in sight stay until the new ones are there. */
async function show(): Promise<void> {
  const mine = ++asked;
  try {
    const text = likeOf.value === null ? query.value : "";
    const span = inSight();
    const { hits, ...rest } = await hitsOf(span);
    if (mine !== asked) return; // a later question was asked meanwhile
    found.value = rest;
    answered = text;
    replacePages(span, hits);
    active.value = Math.max(0, Math.min(starting ?? active.value, rest.total - 1));
    if (starting !== undefined) sought.value += 1;
    starting = undefined;
  } catch (error) {
    complain(error);
  }
}

async function hitsOf({ first, last }: Span): Promise<Found> {
  const like = likeOf.value;
  const window = { offset: first * PAGE, limit: (last - first + 1) * PAGE };
  if (like === null)
    return await library.ask("find", { text: query.value, here: here.value?.addresses ?? [], ...window });
  const hits = await library.ask("like", { key: like.key, limit: LIKE });
  return { total: hits.length, hits, understood: [], replaced: [] };
}

/** Ask for hits that came into sight, a page at a time: of a scrollbar that is dragged, most are gone from sight again. */
export async function lookAt(first: number, last: number): Promise<void> {
  setSight(first, last);
  if (isLooking) return;
  isLooking = true;
  try {
    for (let page = missingPage(active.value); page !== null; page = missingPage(active.value)) {
      const mine = asked;
      const { hits } = await hitsOf({ first: page, last: page });
      if (mine === asked) putPage(page, hits, active.value); // else they may be of the list before
    }
  } catch (error) {
    complain(error);
  } finally {
    isLooking = false;
  }
}

/** Ask how much there is, which typing a query does not change. */
async function count(): Promise<void> {
  try {
    const [allTags, inNumbers] = await Promise.all([library.ask("tags", null), library.ask("contents", null)]);
    tags.value = allTags;
    contents.value = inNumbers;
    if (inNumbers.cutouts + inNumbers.trashed > 0) offerNoSamples();
  } catch (error) {
    complain(error);
  }
}

/** Changes come in bursts, as while a model reads: one look at the library is enough for all of them. */
function scheduleRefresh(): void {
  refreshing ??= setTimeout(() => void refresh(), 50);
}

/** Open the cutout at a place of the list. The library notes what a search led to, and nothing else of it. */
export function openAt(place: number, name: "cutout" | "edit"): void {
  const hit = hitAt(place);
  if (hit === undefined) return;
  active.value = place;
  sheet.value = { name, keys: [hit.key] };
  const above: string[] = [];
  for (let other = hitAt(place - 1); other !== undefined; other = hitAt(place - 1 - above.length))
    above.unshift(other.key);
  library.ask("opened", { query: answered, place, key: hit.key, above }).catch(complain);
}

/** Return the keys that an action is meant for: those chosen, else the active line's. */
export function targets(): string[] {
  if (chosen.value.size > 0) return [...chosen.value];
  const hit = hitAt(active.value);
  return hit === undefined ? [] : [hit.key];
}

/** Save what was pasted, dropped or typed; return whether it is saved. */
export async function save(draft: Draft): Promise<boolean> {
  return await act(async () => {
    const { cutout, asset } = await drafted(draft);
    await library.ask("save", asset === undefined ? { cutout } : { cutout, asset });
    say(`Saved “${titleOf(cutout)}”`, { canUndo: true });
  });
}

/** Save each of several; where some could not be saved, say how many, and why the last was not. */
export async function saveAll(drafts: readonly Draft[]): Promise<void> {
  let failed = 0;
  let why = "";
  for (const draft of drafts) {
    if (await save(draft)) continue;
    failed += 1;
    why = notice.value?.text ?? "";
  }
  if (failed > 0 && drafts.length > 1) say(`${failed} of ${drafts.length} not saved: ${why}`, { canUndo: false });
}

/** Return what a cutout is called in a sentence. */
export function titleOf({ title, body, address }: Pick<NewCutout, "title" | "body" | "address">): string {
  const text = title || body || address || "an image";
  return text.length > 40 ? `${text.slice(0, 40).trim()}…` : text;
}

/** Put a few cutouts in to try the app with; they are one change. */
export const trySamples = () =>
  act(async () => {
    const { added, isChange } = await library.ask("importFile", { file: samplesFile(Date.now()) });
    say(`${counted(added)} to try`, { canUndo: isChange });
  });

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
    const { cutouts, canUndo } = await library.ask("emptyTrash", null);
    say(`${counted(cutouts)} deleted${canUndo ? "" : ": for want of room this cannot be undone"}`, { canUndo });
  });

export const renameTag = (from: string, to: string) =>
  act(async () => {
    await library.ask("renameTag", { from, to });
    forgetPairsOf(from);
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

/** Do it, show what there is then, and return whether it was done. */
async function act(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
  } catch (error) {
    complain(error);
    return false;
  }
  await refresh();
  return true;
}

/** Show a sentence for some seconds; people who hear the page hear it. */
export function say(text: string, { canUndo }: { canUndo: boolean }): void {
  notice.value = { text: withoutTurns(text), canUndo };
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

/** A window that did not load the model is told of changes alone: what there is by then it has to ask for. */
async function askForModel(): Promise<void> {
  try {
    model.value = await library.ask("model", null);
  } catch (error) {
    complain(error);
  }
}

/** Load the model beside the app, unless the person put it off. */
export async function startModel({ isAsked = false }: { isAsked?: boolean } = {}): Promise<void> {
  if (isAsked) putModelOff(false);
  if (isModelPutOff() || !wasWelcomed() || host.value?.hasModel === false) return;
  model.value = await library.ask("useModel", { url: new URL("bundle/", document.baseURI).href });
}

/** Delete the library, the model and every setting, and begin anew. */
export async function deleteEverything(): Promise<void> {
  try {
    await library.ask("wipe", null);
    for (const name of await caches.keys()) await caches.delete(name);
    forgetSettings();
    location.reload();
  } catch (error) {
    complain(error);
  }
}
