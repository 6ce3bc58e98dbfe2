/** The address of a player goes in, that of the page it belongs to comes out. */

/** Return the page of a video of YouTube or Vimeo by the address of any page, player or short link that shows it, else undefined. */
export function ownPage(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { hostname, pathname, searchParams } = new URL(address);
  const host = hostname.replace(/^(?:www|m|music|player)\./, "");
  if (host === "youtu.be" && /^\/[\w-]{6,20}$/.test(pathname))
    return `https://www.youtube.com/watch?v=${pathname.slice(1)}`;
  if (host === "youtube.com" || host === "youtube-nocookie.com") {
    const id = pathname === "/watch" ? searchParams.get("v") : /^\/(?:embed|live)\/([^/]+)/.exec(pathname)?.[1];
    if (id && /^[\w-]{6,20}$/.test(id)) return `https://www.youtube.com/watch?v=${id}`;
    const short = /^\/shorts\/([\w-]{6,20})/.exec(pathname)?.[1];
    return short === undefined ? undefined : `https://www.youtube.com/shorts/${short}`;
  }
  const number = host === "vimeo.com" ? /^\/(?:video\/)?(\d+)(?:\/([0-9a-f]+))?/.exec(pathname) : null;
  // A video that is not listed has a second part: from the player it comes as `h`.
  const hidden = number?.[2] ?? (searchParams.get("h") || undefined);
  if (!number) return undefined;
  return `https://vimeo.com/${number[1]}${hidden !== undefined && /^[0-9a-f]+$/.test(hidden) ? `/${hidden}` : ""}`;
}
