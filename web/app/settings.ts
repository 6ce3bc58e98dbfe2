/** What the person decided once for this browser goes in, and is there at the next start. */

import { signal } from "@preact/signals";

const WELCOMED = "cutouts: welcomed";
const PUT_OFF = "cutouts: no model yet";
const NO_SAMPLES = "cutouts: no samples";
const LEFT = "cutouts: tags left as they are";
const MOST_PAIRS = 1000;

/** Whether the person was told what the app does. */
export function wasWelcomed(): boolean {
  return localStorage.getItem(WELCOMED) !== null;
}

/** Remember that the person was told. */
export function welcome(): void {
  localStorage.setItem(WELCOMED, "1");
}

/** Whether the person wants no model for now. */
export function isModelPutOff(): boolean {
  return localStorage.getItem(PUT_OFF) !== null;
}

/** Remember whether the person wants no model for now. */
export function putModelOff(isPutOff: boolean): void {
  if (isPutOff) localStorage.setItem(PUT_OFF, "1");
  else localStorage.removeItem(PUT_OFF);
}

/** Whether an empty library offers samples. */
export const offersSamples = signal(localStorage.getItem(NO_SAMPLES) === null);

/** Offer samples never again: they were refused, or the library has been in use. */
export function offerNoSamples(): void {
  if (!offersSamples.value) return;
  localStorage.setItem(NO_SAMPLES, "1");
  offersSamples.value = false;
}

/** Pairs of tags that the person left as they are, each its two names by `pairOf`. */
export const leftPairs = signal<readonly string[]>(localStorage.getItem(LEFT)?.split("\n\n") ?? []);

/** Return how a pair is kept, whichever name comes first; names are of one line each. */
export function pairOf(one: string, other: string): string {
  return [one, other].sort().join("\n");
}

/** Offer this pair to be merged no more; the latest thousand are kept. */
export function leavePair(one: string, other: string): void {
  keepPairs([...leftPairs.value, pairOf(one, other)].slice(-MOST_PAIRS));
}

/** Offer the pairs with this tag again: it has another name now. */
export function forgetPairsOf(name: string): void {
  keepPairs(leftPairs.value.filter((pair) => !pair.split("\n").includes(name)));
}

function keepPairs(pairs: readonly string[]): void {
  leftPairs.value = pairs;
  localStorage.setItem(LEFT, pairs.join("\n\n"));
}

/** Forget every decision. */
export function forgetSettings(): void {
  localStorage.clear();
}
