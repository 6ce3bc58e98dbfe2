/**
 * Calls of this window come in, answers go out. Of all windows' workers one owns the library, by a Web Lock; the others
 * pass their calls to it, and the next in line takes over when its window closes.
 */

import type { Database, Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import { tellRequests } from "../requests.ts";
import { isDamage, openDatabase } from "./database.ts";
import { DamagedError, errorValue, isFull, LibraryError } from "./errors.ts";
import { exportFile } from "./exporters/index.ts";
import { answerAgain, type Kept } from "./faults.ts";
import { takeIn } from "./intake.ts";
import { answer, forgetAnswers, isChange } from "./operations.ts";
import type { Answer, Ask, BetweenWorkers, Call, Cancel, Notice, Reply, State, ToPage } from "./protocol.ts";
import { STEPS } from "./schema.ts";
import { type Found, moreLike, search } from "./search/index.ts";
import { loadSqlite, openPool } from "./sqlite.ts";
import { Study } from "./study.ts";

const NAME = "cutouts-library"; // of the lock and of the channel
const PATIENCE_MS = 3000; // without an answer for so long, the person is told that another window holds the library

const channel = new BroadcastChannel(NAME);
/** What this window asked and has no answer to yet. */
const unanswered = new Map<string, Call>();
let shelf: Kept | undefined;
let study: Study | undefined;
let state: State = { name: "opening" };
let patience: ReturnType<typeof setTimeout> | undefined;

addEventListener("message", ({ data }: MessageEvent<Call | Cancel>) => {
  if (data.type === "call") ask(data);
  else cancel(data);
});
channel.addEventListener("message", ({ data }: MessageEvent<BetweenWorkers>) => hear(data));
tellRequests("library");
// By it the window sees whether this still runs. It is told when to look: its own request might come first.
void navigator.locks.request(name, () => {
  tell({ type: "running" });
  return new Promise(() => undefined);
});
void start();

async function start(): Promise<void> {
  await navigator.locks.request(NAME, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await own();
  });
  if (state.name === "failed") return;
  become({ name: "follower" });
  askAgain();
  await navigator.locks.request(NAME, own);
}

/** Open the library and hold it for as long as this worker lives; return when it cannot be opened. */
async function own(): Promise<void> {
  become({ name: "opening" });
  try {
    begin(await loadSqlite(), await openPool());
  } catch (error) {
    become({ name: "failed", error: errorValue(error) });
    for (const call of unanswered.values()) ask(call);
    return;
  }
  become({ name: "owner" });
  channel.postMessage({ type: "owner" } satisfies BetweenWorkers);
  askAgain();
  await new Promise(() => undefined);
}

function begin(sqlite: Sqlite3Static, place: Kept["place"], { isDamaged = false } = {}): void {
  const { db, setAside } = openDatabase(place, STEPS, { isDamaged });
  shelf = { sqlite, db, setAside: [...place.lost, ...setAside], place, now: () => Date.now() };
  study = new Study(shelf, notify);
  try {
    tidy(shelf);
  } catch (error) {
    if (!isDamage(error) || isDamaged) throw error;
    db.close();
    begin(sqlite, place, { isDamaged: true });
  }
}

/** Leave little that is only written ahead: the file alone is what can be read when it is damaged later. */
function tidy(kept: Kept): void {
  try {
    forgetAnswers(kept);
    kept.db.exec("PRAGMA wal_checkpoint");
  } catch (error) {
    if (!isFull(error)) throw error; // the next start with room does it
  }
}

/** Set the library's file aside as it is, and begin an empty one; the model reads on. */
function setAside({ sqlite, db, place }: Kept): void {
  const url = study?.url;
  letGo(db);
  begin(sqlite, place, { isDamaged: true });
  notify({ type: "changed", what: "setAside" });
  if (url !== undefined) void study?.use(url);
}

/** Stop whatever is being done with the library, and close it. */
function letGo(db: Database): void {
  for (const stop of stops.values()) stop.abort();
  study?.close();
  db.close();
}

/** Delete every file of the library, copies and damaged ones too, and begin an empty one. */
async function wipe({ sqlite, db, place }: Kept): Promise<null> {
  letGo(db);
  for (const name of place.names()) place.remove(name);
  await place.removeLost();
  begin(sqlite, place);
  return null;
}

function ask(call: Call): void {
  unanswered.set(call.id, call);
  if (state.name === "failed") reply({ type: "failed", id: call.id, error: state.error });
  else if (shelf !== undefined) void answered(shelf, call).then(reply);
  else if (state.name !== "opening") {
    channel.postMessage(call satisfies BetweenWorkers);
    waitPatiently();
  } // else it is asked again once the library is open
}

/** Calls of any window that can be stopped. */
const stops = new Map<string, AbortController>();

function cancel(message: Cancel): void {
  if (shelf !== undefined) stops.get(message.id)?.abort();
  else channel.postMessage(message satisfies BetweenWorkers);
}

function askAgain(): void {
  for (const call of [...unanswered.values()]) ask(call);
}

function hear(message: BetweenWorkers): void {
  if (message.type === "call") {
    if (shelf !== undefined)
      void answered(shelf, message).then((found) => channel.postMessage(found satisfies BetweenWorkers));
  } else if (message.type === "cancel") {
    stops.get(message.id)?.abort();
  } else if (message.type === "owner") {
    become({ name: "follower" });
    askAgain();
  } else if (message.type === "changed" || message.type === "progress" || message.type === "model") {
    if (state.name === "waiting") become({ name: "follower" }); // it is busy, not gone
    if (unanswered.size > 0) waitPatiently();
    tell(message);
  } else if (unanswered.has(message.id)) {
    become({ name: "follower" });
    reply(message);
  }
}

/** Return the library's answer, and let every window know when it changed something. */
async function answered(from: Kept, call: Call): Promise<Reply> {
  try {
    const found = await answerOf(from, call).catch((error) => answerAgain(from, call, error, answerOf));
    if (isChange(call.name) || call.name === "wipe") {
      notify({ type: "changed", what: call.name });
      void study?.read();
    }
    return { type: "answered", id: call.id, answer: found };
  } catch (error) {
    if (error instanceof DamagedError && shelf === from) setAside(from);
    return { type: "failed", id: call.id, error: errorValue(error) };
  }
}

/** Answer what takes more than the database, and leave the rest to it. */
async function answerOf(from: Kept, call: Call): Promise<unknown> {
  if (call.name === "useModel") return await study?.use((call.ask as Ask<"useModel">).url);
  if (call.name === "model") return study?.state;
  if (call.name === "wipe") return await wipe(from);
  if (call.name === "find") return await find(from, call.ask as Ask<"find">);
  if (call.name === "like")
    return moreLike(from.db, study?.index ?? null, { ...(call.ask as Ask<"like">), least: study?.least ?? -1 });
  const { id, ask } = call;
  if (call.name === "importFile")
    return await long(id, (options) => takeIn(from, id, (ask as Ask<"importFile">).file, options));
  if (call.name === "exportFile")
    return await long(id, (options) => exportFile(from, ask as Ask<"exportFile">, options));
  if (call.name === "setAsideFile") return await setAsideFile(from, (ask as Ask<"setAsideFile">).name);
  return answer(from, call);
}

/** Return a file that was set aside, under a name without folders. */
async function setAsideFile({ setAside, place }: Kept, name: string): Promise<Answer<"setAsideFile">> {
  if (!setAside.includes(name)) throw new LibraryError(`${name} is no file that was set aside: reload the page`);
  return { file: await place.setAside(name), name: name.replace(/^.*\//, "") };
}

/** Do what takes long: every window is told how far it is, and any can stop it. */
async function long<Result>(id: string, work: (options: LongOptions) => Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  stops.set(id, stop);
  try {
    return await work({ signal: stop.signal, onRows: (rows) => notify({ type: "progress", id, rows }) });
  } finally {
    stops.delete(id);
  }
}
interface LongOptions {
  readonly signal: AbortSignal;
  readonly onRows: (rows: number) => void;
}

/** Search by words and, where a model has read the library, by meaning. */
async function find({ db }: Kept, ask: Ask<"find">): Promise<Found> {
  const vector = (await study?.embed(ask.text)) ?? null;
  return search(db, study?.index ?? null, { ...ask, vector });
}

function notify(notice: Notice): void {
  channel.postMessage(notice satisfies BetweenWorkers);
  tell(notice);
}

function reply(message: Reply): void {
  unanswered.delete(message.id);
  clearTimeout(patience);
  if (unanswered.size > 0 && shelf === undefined) waitPatiently();
  tell(message);
}

function waitPatiently(): void {
  clearTimeout(patience);
  patience = setTimeout(() => {
    if (state.name === "follower" && unanswered.size > 0) become({ name: "waiting" });
  }, PATIENCE_MS);
}

function become(next: State): void {
  if (next.name === state.name) return;
  state = next;
  tell({ type: "state", state });
}

function tell(message: ToPage): void {
  postMessage(message);
}
