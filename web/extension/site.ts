/** The address of the app or of a page goes in; its site comes out, and the pattern by which a browser names that. */

const LOOPBACK = ["127.0.0.1", "localhost"]; // as in the manifest

/** Return the site of an address, or null where no app can be: anyone on the way could read what is handed over. */
export function siteOfApp(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, hostname, origin } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname)) ? origin : null;
}

/** Return the pattern of one site. Firefox knows no ports in patterns: there it is that host with any port. */
export function patternOf(site: string, { hasPorts }: { hasPorts: boolean }): string {
  const { protocol, host, hostname } = new URL(site);
  return `${protocol}//${hasPorts ? host : hostname}/*`;
}
