/** The list of the app's files goes in; they are fetched, checked and kept by their hash, and answered without a network. */

/** One file of the app; `build.js` writes the list of them into the service worker. */
export interface AppFile {
  /** Below the folder of the site. */
  readonly path: string;
  readonly sha256: string;
  /** Whether it is kept at once, or when it was first used, as an engine that few bundles need. */
  readonly isNeeded: boolean;
}

/** What Cache Storage offers and this file uses; tests pass a stand-in. */
export type Storage = Pick<CacheStorage, "open">;

/**
 * The files of one version of the app. They are kept under address and hash, so two versions share what is the same in
 * both, and neither ever gets a file of the other.
 */
export class AppFiles {
  private readonly files: ReadonlyMap<string, AppFile>;
  private readonly scope: string;
  private readonly storage: Storage;
  private readonly load: typeof fetch;

  /** `scope` is the folder of the site, with a slash at its end. */
  constructor(files: readonly AppFile[], scope: string, storage: Storage, load: typeof fetch) {
    this.files = new Map(files.map((file) => [new URL(file.path, scope).href, file]));
    this.scope = scope;
    this.storage = storage;
    this.load = load;
  }

  /** Return the file that an address means, whatever follows `?` or `#`; none for what is not the app's own. */
  fileAt(address: string): AppFile | undefined {
    const url = new URL(address);
    const plain = url.origin + url.pathname;
    return this.files.get(plain) ?? this.files.get(`${plain}.html`); // some hosts name pages without their ending
  }

  /** Fetch what is not kept yet; raises when a file is missing or not the one that the list names. */
  async keep(): Promise<void> {
    const cache = await this.open();
    await Promise.all(
      [...this.files.values()].map(async (file) => {
        const isKept = (await cache.match(this.keyOf(file))) !== undefined;
        if (file.isNeeded && !isKept) await cache.put(this.keyOf(file), await this.fetched(file));
      }),
    );
  }

  /** Return a file as it is kept, or as it is fetched now, and kept if it is the one that the list names. */
  async answer(file: AppFile): Promise<Response> {
    const cache = await this.open();
    const kept = await cache.match(this.keyOf(file));
    if (kept !== undefined) return kept;
    try {
      const response = await this.fetched(file);
      await cache.put(this.keyOf(file), response.clone());
      return response;
    } catch {
      return await this.load(this.addressOf(file)); // its own error, or what the site has now
    }
  }

  /**
   * Ask anew for pages and workers, whose headers hold the policy that they run under: it follows the bundle's kind,
   * while their bytes, and so this service worker, stay the same. Without a network, or with other bytes, nothing changes.
   */
  async renewPolicies(): Promise<void> {
    const cache = await this.open();
    const governed = [...this.files.values()].filter(({ path }) => /(?:\.html|worker\.js)$/.test(path));
    await Promise.allSettled(governed.map(async (file) => await cache.put(this.keyOf(file), await this.fetched(file))));
  }

  /** Delete what belongs to other versions. */
  async forgetOthers(): Promise<void> {
    const cache = await this.open();
    const ours = new Set([...this.files.values()].map((file) => this.keyOf(file)));
    for (const { url } of await cache.keys()) if (!ours.has(url)) await cache.delete(url);
  }

  private open(): Promise<Cache> {
    return this.storage.open(`cutouts app ${this.scope}`);
  }

  private addressOf({ path }: AppFile): string {
    return new URL(path, this.scope).href;
  }

  private keyOf(file: AppFile): string {
    return `${this.addressOf(file)}?sha256=${file.sha256}`;
  }

  /** Return the file from the network; raises when it is missing or not the one that the list names. */
  private async fetched(file: AppFile): Promise<Response> {
    const response = await this.load(this.addressOf(file), { cache: "no-cache" });
    if (!response.ok) throw new Error(`${file.path} was answered with ${response.status}, expected 200`);
    const bytes = await response.arrayBuffer();
    const found = await sha256(bytes);
    if (found !== file.sha256)
      throw new Error(`${file.path} has the hash ${found}, expected ${file.sha256}: the site is being replaced`);
    // Made anew: an answer that a host redirected may not open a page. The headers stay, the policy among them.
    return new Response(bytes, { headers: plainHeaders(response.headers) });
  }
}

/** Return the headers without those that spoke of the bytes on the line. */
function plainHeaders(headers: Headers): Headers {
  const plain = new Headers(headers);
  for (const name of ["content-encoding", "content-length", "vary"]) plain.delete(name);
  return plain;
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
