/** What the person decided once for this browser goes in, and is there at the next start. */

import { signal } from "@preact/signals";

const WELCOMED = "cutouts: welcomed";
const PUT_OFF = "cutouts: no model yet";
const NO_SAMPLES = "cutouts: no samples";

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

/** Forget every decision. */
export function forgetSettings(): void {
  localStorage.clear();
}
