/** An address that a page claims for itself goes in; whether it can be believed comes out. */

/** Return whether a claimed address is of the page's own site, and not merely the site's first page. */
export function isSamePlace(claimed: URL, here: URL): boolean {
  if (claimed.protocol !== "http:" && claimed.protocol !== "https:") return false;
  const site = ({ hostname }: URL) => hostname.replace(/^(?:www|m|mobile|amp)\./, "");
  return (
    site(claimed) === site(here) && claimed.port === here.port && (claimed.pathname !== "/" || here.pathname === "/")
  );
}
