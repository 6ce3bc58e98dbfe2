/** Nothing goes in; the app is kept for use without a network, and a new version of it is announced. */

import { signal } from "@preact/signals";

/** Whether a newer app than this window's is there. */
export const newVersion = signal(false);
let registration: ServiceWorkerRegistration | undefined;
let isAgreed = false;

/** Register the service worker; where the browser refuses, the app works as long as there is a network. */
export async function keepApp(): Promise<void> {
  const { serviceWorker } = navigator;
  if (serviceWorker === undefined) return;
  const isUpdate = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    if (isAgreed) location.reload();
    else newVersion.value = isUpdate; // another window agreed
  });
  try {
    registration = await serviceWorker.register(new URL("service.js", document.baseURI));
  } catch (error) {
    console.warn(`the app is not kept for use without a network (${String(error)})`);
    return;
  }
  watch(registration.installing);
  registration.addEventListener("updatefound", () => watch(registration?.installing ?? null));
  look();
}

function watch(installing: ServiceWorker | null): void {
  installing?.addEventListener("statechange", look);
}

function look(): void {
  const isWaiting = (registration?.waiting ?? null) !== null;
  if (isWaiting && navigator.serviceWorker.controller !== null) newVersion.value = true;
}

/** Let the new version take over, in this window at once. */
export function takeOver(): void {
  isAgreed = true;
  const waiting = registration?.waiting ?? null;
  if (waiting === null) location.reload();
  else waiting.postMessage("take over");
}
