/** What another app shares goes in; it is kept until the app has saved it, and the app opens. */

/** Where shares wait; the app reads them there. */
export function sharesName(scope: string): string {
  return `cutouts shares ${scope}`;
}

/** Keep what was shared, and return the way to the app: its address says whether it was kept. */
export async function keepShare(
  request: Request,
  scope: string,
  storage: Pick<CacheStorage, "open">,
): Promise<Response> {
  let how = "shared";
  try {
    const form = await request.formData();
    const cache = await storage.open(sharesName(scope));
    // In one entry, so all of a share is kept or nothing.
    await cache.put(`${scope}share/${Date.now()}-${crypto.randomUUID()}`, new Response(form));
  } catch {
    how = "not-shared"; // no room, or a form that cannot be read: the app says so
  }
  return Response.redirect(`${scope}library.html#${how}`, 303);
}
