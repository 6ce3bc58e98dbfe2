/** Requests of the app's windows come in; its own files are answered from what is kept, what other apps share is kept. */

import { tellRequests } from "../requests.ts";
import { type AppFile, AppFiles } from "./files.ts";
import { keepShare } from "./shares.ts";

declare const self: ServiceWorkerGlobalScope;
declare const APP_FILES: readonly AppFile[]; // put in by build.js

const { scope } = self.registration;
const files = new AppFiles(APP_FILES, scope, caches, tellRequests("service"));

self.addEventListener("install", (event) => event.waitUntil(files.keep()));

self.addEventListener("activate", (event) => event.waitUntil(files.forgetOthers().then(() => self.clients.claim())));

// A new version waits until no window is open, or until the person agrees.
self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(self.skipWaiting());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (!request.url.startsWith(scope)) return; // another origin's, or another folder's
  if (request.method === "POST" && request.url === `${scope}share`) {
    event.respondWith(keepShare(request, scope, caches));
    return;
  }
  const file = request.method === "GET" ? files.fileAt(request.url) : undefined;
  if (file === undefined) return;
  event.respondWith(files.answer(file));
  if (request.mode === "navigate") event.waitUntil(files.renewPolicies());
});
