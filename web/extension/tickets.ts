/** A cutout that was saved from a tab goes in; a number that lets the notice in that tab speak for it comes out. */

const PREFIX = "notice ";
const LIFE_MS = 60 * 60 * 1000;

interface Ticket {
  readonly key: string;
  readonly tab: number | undefined;
  readonly until: number;
}

/** Return a number that nobody can guess; it is kept where only the extension reads, until the browser ends. */
export async function permit(tab: number | undefined, key: string): Promise<string> {
  const nonce = crypto.randomUUID();
  const now = Date.now();
  const all = Object.entries(await chrome.storage.session.get<Record<string, Ticket>>());
  const old = all.filter(([name, ticket]) => name.startsWith(PREFIX) && ticket.until < now).map(([name]) => name);
  if (old.length > 0) await chrome.storage.session.remove(old);
  const ticket: Ticket = { key, tab, until: now + LIFE_MS };
  await chrome.storage.session.set({ [PREFIX + nonce]: ticket });
  return nonce;
}

/** Return the key of the cutout that a notice speaks for, or null when it does not speak for any. */
export async function keyOf(
  nonce: unknown,
  tab: number | undefined,
  frame: number | undefined,
): Promise<string | null> {
  if (typeof nonce !== "string" || frame !== 0) return null;
  const name = PREFIX + nonce;
  const ticket = (await chrome.storage.session.get<Record<string, Ticket>>(name))[name];
  return ticket !== undefined && ticket.tab === tab && ticket.until > Date.now() ? ticket.key : null;
}
