/** Files go in, a network and a storage come out that fail as tests ask them to. */

import type { Storage } from "./cache.ts";
import type { Surroundings } from "./loader.ts";

export const ORIGIN = "https://example.org";
export const BUNDLE = `${ORIGIN}/bundle/`;

/** What becomes of one request: `undefined` answers it as a good server does. */
export type Fault = (path: string, range: number, bytes: Uint8Array<ArrayBuffer>) => Response | Error | undefined;

/** A server whose every request is written down as "path" or "path@from". */
export class Network {
  readonly requests: string[] = [];
  files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  fault: Fault = () => undefined;

  constructor(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>) {
    this.files = files;
  }

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const path = String(input).slice(BUNDLE.length);
    const range = Number(/^bytes=(\d+)-$/.exec(new Headers(init?.headers).get("Range") ?? "")?.[1] ?? 0);
    this.requests.push(range === 0 ? path : `${path}@${range}`);
    init?.signal?.throwIfAborted();
    const bytes = this.files[path];
    if (bytes === undefined) return new Response("", { status: 404 });
    const fault = this.fault(path, range, bytes);
    if (fault instanceof Error) throw fault;
    if (fault !== undefined) return fault;
    if (range === 0) return new Response(bytes);
    const headers = { "Content-Range": `bytes ${range}-${bytes.length - 1}/${bytes.length}` };
    return new Response(bytes.subarray(range), { status: 206, headers });
  };
}

/** Return an answer that breaks off after `count` bytes, as a lost connection does. */
export function broken(bytes: Uint8Array<ArrayBuffer>, count: number, init: ResponseInit = {}): Response {
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent) return controller.error(new TypeError("network error"));
      sent = true;
      controller.enqueue(bytes.slice(0, count));
    },
  });
  return new Response(body, init);
}

/** Cache Storage in memory; `full` makes it refuse to keep anything more. */
export class MemoryStorage implements Storage {
  readonly entries = new Map<string, Uint8Array<ArrayBuffer>>();
  full = false;
  denied = false;

  async open(): Promise<Cache> {
    if (this.denied) throw new DOMException("The operation is insecure.", "SecurityError");
    const { entries } = this;
    const key = (request: RequestInfo | URL): string => (request instanceof Request ? request.url : String(request));
    return {
      match: async (request) => {
        const bytes = entries.get(key(request));
        return bytes === undefined ? undefined : new Response(bytes.slice());
      },
      put: async (request, response) => {
        if (this.full) throw new DOMException("Quota exceeded.", "QuotaExceededError");
        entries.set(key(request), new Uint8Array(await response.arrayBuffer()));
      },
      delete: async (request) => entries.delete(key(request)),
      keys: async () => [...entries.keys()].map((url) => new Request(url)),
      add: () => Promise.reject(new Error("not used")),
      addAll: () => Promise.reject(new Error("not used")),
      matchAll: () => Promise.reject(new Error("not used")),
    };
  }

  /** Return the keys of entries whose address holds `part`. */
  keys(part: string): string[] {
    return [...this.entries.keys()].filter((key) => key.includes(part));
  }
}

/** Return surroundings without waiting between attempts. */
export function around(network: Network, storage: Storage | undefined, locks?: Surroundings["locks"]): Surroundings {
  return { fetch: network.fetch, storage, locks, origin: ORIGIN, pause: () => Promise.resolve() };
}
