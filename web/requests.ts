/** The name of a page or worker goes in; what it asks of the network is told to every window of the site. */

/** Who asks: a page, or one of the workers behind it. */
export type Asker = "page" | "library" | "model" | "service";

/** What one page or worker asked of the network since it began. */
export interface Requests {
  /** Its own in the whole world: a later list of it takes the place of an earlier one. */
  readonly id: string;
  readonly by: Asker;
  /** False where the browser does not tell it of its own requests. */
  readonly isSeen: boolean;
  /** Addresses, each as often as it was asked for. */
  readonly asked: readonly string[];
  /** Addresses that the page's policy refused: nothing was sent there. */
  readonly refused: readonly string[];
}

const CHANNEL = "cutouts-requests";
const ASK = "what did you ask for?";

/**
 * Tell every window of the site what this worker asks for, and each that is opened later what it asked for until then.
 * Return a fetch whose requests are told as they begin: the browser tells of them when they end, and the worker may be
 * stopped before.
 */
export function tellRequests(by: Exclude<Asker, "page">): typeof fetch {
  const channel = new BroadcastChannel(CHANNEL);
  const { all, note } = watch(by, () => channel.postMessage(all()));
  channel.onmessage = ({ data }: MessageEvent<typeof ASK | Requests>) => {
    if (data === ASK) channel.postMessage(all());
  };
  return (input, init) => {
    note(input instanceof Request ? input.url : new URL(input, location.href).href);
    return fetch(input, init);
  };
}

/** Call `tell` with the requests of this page, and of every worker of the site, whenever there are more. */
export function gatherRequests(tell: (requests: Requests) => void): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<typeof ASK | Requests>) => {
    if (data !== ASK) tell(data);
  };
  channel.postMessage(ASK);
  const { all } = watch("page", () => tell(all()));
  tell(all());
}

interface Watch {
  /** Return what was asked for so far. */
  all(): Requests;
  /** Add a request that begins. */
  note(address: string): void;
}

/** Add requests as they end, those before now too; `onMore` is never called at once. */
function watch(by: Asker, onMore: () => void): Watch {
  const id = `${performance.timeOrigin} ${Math.random()}`; // randomUUID is for secure contexts alone
  const [asked, refused]: [string[], string[]] = [[], []];
  const begun: string[] = []; // of those that were noted, the ones that have not ended
  // An observer is told of every request; the list that it begins with ends at 250.
  const observer = new PerformanceObserver((entries) => {
    for (const { name } of entries.getEntries()) {
      const address = URL.canParse(name) ? name : location.href; // Firefox calls the page itself "document"
      const place = begun.indexOf(address);
      if (place < 0) asked.push(address);
      else begun.splice(place, 1);
    }
    onMore();
  });
  const kinds = ["navigation", "resource"].filter((kind) => PerformanceObserver.supportedEntryTypes.includes(kind));
  for (const type of kinds) observer.observe({ type, buffered: true });
  addEventListener("securitypolicyviolation", (event) => {
    const { blockedURI, disposition } = event as SecurityPolicyViolationEvent;
    if (disposition !== "enforce" || !URL.canParse(blockedURI)) return; // "inline" and the like are no addresses
    refused.push(blockedURI);
    onMore();
  });
  return {
    all: () => ({ id, by, isSeen: kinds.includes("resource"), asked: [...asked], refused: [...refused] }),
    note: (address) => {
      asked.push(address);
      begun.push(address);
      onMore();
    },
  };
}
