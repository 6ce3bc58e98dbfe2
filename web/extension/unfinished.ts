/**
 * A save that begins goes in; those that a worker began and did not end, because it was stopped, come out of the next one.
 * They are kept where only the extension reads, until the browser ends.
 */

import type { Kind } from "../library/index.ts";

const PREFIX = "saving ";
/** This run of the worker: what others began, nobody is at any more. */
const RUN = crypto.randomUUID();

/** What is to be said of a save once the library has it, as far as that is known. */
export interface Begun {
  readonly key: string;
  readonly tab: number | undefined;
  readonly kind: Kind;
  readonly title: string;
  /** What of it could not be cut out, in a sentence, or "". */
  readonly lacks: string;
  /** The same for the same cutout; "" where nothing was cut out yet. */
  readonly print: string;
}

interface Noted extends Begun {
  readonly run: string;
}

/** Note a save, anew when more is known; it is noted once this returns. */
export async function noteBegun(begun: Begun): Promise<void> {
  const noted: Noted = { ...begun, run: RUN };
  await chrome.storage.session.set({ [PREFIX + begun.key]: noted });
}

/** Note that what became of a save was said, or that there is nothing to say. */
export async function noteEnded(key: string): Promise<void> {
  await chrome.storage.session.remove(PREFIX + key);
}

/** Return the saves that former runs began and did not end. */
export async function unfinished(): Promise<Begun[]> {
  const all = Object.entries(await chrome.storage.session.get<Record<string, Noted>>());
  return all.filter(([name, { run }]) => name.startsWith(PREFIX) && run !== RUN).map(([, begun]) => begun);
}
