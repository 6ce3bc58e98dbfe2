/** Loading over good, bad and lost networks, with good, damaged and refused storage. */

import { beforeEach, expect, test } from "vitest";
import { type Loaded, type LoadOptions, loadFiles, type Surroundings } from "./loader.ts";
import { manifestOf } from "./manifest.testing.ts";
import { CHUNK_BYTES } from "./manifest.ts";
import { around, BUNDLE, broken, MemoryStorage, Network, ORIGIN } from "./network.testing.ts";
import type { Progress } from "./protocol.ts";

const BIG = Uint8Array.from({ length: 3 * CHUNK_BYTES + 5 }, (_, i) => (i * 2654435761) >>> 24);
const FILES = { "head/big": BIG, "golden.json": new TextEncoder().encode("{}"), empty: new Uint8Array(0) };

let network: Network;
let storage: MemoryStorage;

beforeEach(() => {
  network = new Network(served(FILES));
  storage = new MemoryStorage();
});

type FileBytes = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

function served(files: FileBytes, change = {}): FileBytes {
  return { ...files, "manifest.json": new TextEncoder().encode(JSON.stringify(manifestOf(files, change))) };
}

function load(
  options: Partial<LoadOptions> = {},
  surroundings: Surroundings = around(network, storage),
): Promise<Loaded> {
  const defaults = { cache: true, signal: new AbortController().signal, onProgress: () => undefined };
  return loadFiles(BUNDLE, surroundings, { ...defaults, ...options });
}

function same(loaded: Loaded): boolean {
  return Object.entries(FILES).every(([path, bytes]) =>
    Buffer.from(bytes).equals(loaded.files.get(path) ?? Buffer.from("?")),
  );
}

const offline = (): Error => new TypeError("Failed to fetch");
const bigChunks = (): string[] =>
  manifestOf(FILES).files[0]?.chunks.map((hash) => `${ORIGIN}/.cutouts/chunk/${hash}`) ?? [];
const bigRequests = (): string[] => network.requests.filter((path) => path.startsWith("head/big"));

test("a first visit fetches every file once, and none that is empty", async () => {
  const loaded = await load();
  expect(same(loaded)).toBe(true);
  expect([...network.requests].sort()).toEqual(["golden.json", "head/big", "manifest.json"]);
  expect(loaded).toMatchObject({ bytesFromCache: 0, bytesFromNetwork: BIG.length + 2, offline: false, warnings: [] });
});

test("a second visit asks for the manifest alone", async () => {
  await load();
  network.requests.length = 0;
  const loaded = await load();
  expect(same(loaded)).toBe(true);
  expect(network.requests).toEqual(["manifest.json"]);
  expect(loaded).toMatchObject({ bytesFromCache: BIG.length + 2, bytesFromNetwork: 0 });
});

test("without network the bundle of the last visit is used", async () => {
  await load();
  network.fault = offline;
  const loaded = await load();
  expect(same(loaded)).toBe(true);
  expect(loaded.offline).toBe(true);
});

test("what was kept is read before the server has answered", async () => {
  await load();
  const seen: Progress[] = [];
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const fetch: typeof network.fetch = async (...args) => {
    await answered;
    return await network.fetch(...args);
  };
  const onProgress = (progress: Progress): void => {
    seen.push(progress);
    if (progress.bytes === progress.totalBytes && progress.stage === "check") answer();
  };
  const loaded = await load({ onProgress }, { ...around(network, storage), fetch });
  expect(same(loaded)).toBe(true);
  expect(seen.at(-1)).toMatchObject({ stage: "check", bytes: BIG.length + 2 });
});

test.each(["{", '{"format": 9}', "{}"])("a kept manifest %s is replaced by the server's", async (damaged) => {
  await load();
  const [key = ""] = storage.keys("complete/");
  storage.entries.set(key, new TextEncoder().encode(damaged));
  expect(same(await load())).toBe(true);
  network.fault = offline;
  expect((await load()).offline).toBe(true);
});

test("without network on the first visit the message says what to do", async () => {
  network.fault = offline;
  await expect(load()).rejects.toThrow(
    `${BUNDLE}manifest.json could not be fetched (Failed to fetch): check the connection and load again`,
  );
});

test("no bundle at the address is said at once", async () => {
  network.files = {};
  await expect(load()).rejects.toThrow("the server answered 404: is there a bundle at this address?");
});

test("a connection that breaks is taken up again at the first missing chunk", async () => {
  network.fault = (path, range, bytes) =>
    path === "head/big" && range === 0 ? broken(bytes, 1.4 * CHUNK_BYTES) : undefined;
  expect(same(await load())).toBe(true);
  expect(bigRequests()).toEqual(["head/big", `head/big@${CHUNK_BYTES}`]);
});

test("a server that ignores ranges is understood", async () => {
  let answers = 0;
  network.fault = (path, _, bytes) => {
    if (path !== "head/big") return undefined;
    return answers++ === 0 ? broken(bytes, 1.4 * CHUNK_BYTES) : new Response(bytes);
  };
  expect(same(await load())).toBe(true);
  expect(answers).toBe(2);
});

test("a range of compressed bytes is not taken for a range of the file", async () => {
  network.fault = (path, range, bytes) => {
    if (path !== "head/big") return undefined;
    if (range > 0) {
      const headers = { "Content-Range": `bytes ${range}-9999999/9999999`, "Content-Encoding": "br" };
      return new Response(bytes.subarray(7), { status: 206, headers });
    }
    return bigRequests().length === 1 ? broken(bytes, 1.4 * CHUNK_BYTES) : undefined;
  };
  expect(same(await load())).toBe(true);
  expect(bigRequests()).toEqual(["head/big", `head/big@${CHUNK_BYTES}`, "head/big"]);
});

test("a network lost at 40 % keeps what was received, and the next load goes on there", async () => {
  network.fault = (path, range, bytes) => {
    if (path !== "head/big") return undefined;
    return range === 0 ? broken(bytes, 2.2 * CHUNK_BYTES) : offline();
  };
  await expect(load()).rejects.toThrow(
    /head\/big could not be fetched \(Failed to fetch\): check the connection and load again; what was received is kept/,
  );
  network.fault = () => undefined;
  network.requests.length = 0;
  const loaded = await load();
  expect(same(loaded)).toBe(true);
  expect(bigRequests()).toEqual([`head/big@${2 * CHUNK_BYTES}`]);
  expect(loaded.bytesFromNetwork).toBeLessThan(2 * CHUNK_BYTES);
});

test("a busy server is asked again, a refusal is not", async () => {
  let busy = 2;
  network.fault = (path) => (path === "head/big" && busy-- > 0 ? new Response("", { status: 503 }) : undefined);
  expect(same(await load())).toBe(true);
  storage.entries.clear();
  network.requests.length = 0;
  network.fault = (path) => (path === "head/big" ? new Response("", { status: 403 }) : undefined);
  await expect(load()).rejects.toThrow("head/big: the server answered 403");
  expect(bigRequests()).toHaveLength(1);
});

test("a chunk that was damaged on the way is fetched once more", async () => {
  let damaged = 0;
  network.fault = (path, _, bytes) => {
    if (path !== "head/big" || damaged++ > 0) return undefined;
    const other = bytes.slice();
    other[CHUNK_BYTES + 7] = (other[CHUNK_BYTES + 7] ?? 0) ^ 1;
    return new Response(other);
  };
  const loaded = await load();
  expect(same(loaded)).toBe(true);
  expect(bigRequests()).toEqual(["head/big", `head/big@${CHUNK_BYTES}`]);
  expect(loaded.bytesFromNetwork).toBe(BIG.length + 2);
});

test("a chunk that stays damaged is refused by file, chunk and hash", async () => {
  const other = BIG.slice();
  other[5] = (other[5] ?? 0) ^ 1;
  network.files = { ...network.files, "head/big": other };
  await expect(load()).rejects.toThrow(
    /head\/big: chunk 0 has the hash [0-9a-f]{12}, expected [0-9a-f]{12}: the bundle is damaged/,
  );
  expect(storage.keys("chunk/")).not.toContain(bigChunks()[0]);
});

test("a file that is shorter than the manifest says is refused", async () => {
  network.files = { ...network.files, "head/big": BIG.slice(0, CHUNK_BYTES) };
  network.fault = (path, range) => (path === "head/big" && range > 0 ? new Response("", { status: 416 }) : undefined);
  await expect(load()).rejects.toThrow(
    "head/big is shorter than its 3145733 bytes: the bundle changed on the server, load again",
  );
});

test("a flipped byte in the cache is noticed and that chunk alone fetched again", async () => {
  await load();
  const entry = storage.entries.get(bigChunks()[1] ?? "");
  if (entry !== undefined) entry[9] = (entry[9] ?? 0) ^ 1;
  network.requests.length = 0;
  const loaded = await load();
  expect(same(loaded)).toBe(true);
  expect(loaded.bytesFromNetwork).toBe(CHUNK_BYTES);
  expect(same(await load())).toBe(true);
});

test("a cached chunk of the wrong length is fetched again", async () => {
  await load();
  storage.entries.set(bigChunks()[1] ?? "", new Uint8Array(3));
  expect(same(await load())).toBe(true);
});

test.each(["full", "denied"] as const)("storage that is %s does not stop tagging, and is reported", async (failure) => {
  storage[failure] = true;
  const loaded = await load();
  expect(same(loaded)).toBe(true);
  expect(loaded.warnings).toHaveLength(1);
  expect(loaded.warnings[0]).toMatch(
    /^nothing is kept for the next visit \(.+\): leave private mode or free some space to load faster$/,
  );
});

test("a browser without Cache Storage is reported too", async () => {
  const loaded = await load({}, around(network, undefined));
  expect(same(loaded)).toBe(true);
  expect(loaded.warnings[0]).toContain("the browser offers no Cache Storage here");
});

test("without wanting a cache nothing is kept and nothing reported", async () => {
  expect(same(await load({ cache: false }))).toBe(true);
  expect(storage.entries.size).toBe(0);
});

test("a second bundle with the same encoder fetches only its own bytes, and old chunks go", async () => {
  await load();
  const files = { ...FILES, "golden.json": new TextEncoder().encode("{ }") };
  network.files = served(files);
  network.requests.length = 0;
  const loaded = await load();
  expect(loaded.bytesFromNetwork).toBe(3);
  expect(storage.keys("chunk/")).toHaveLength(4 + 1);
  expect(storage.keys("pending/")).toHaveLength(0);
});

test("a new bundle that breaks off leaves the old one usable offline", async () => {
  await load();
  const files = { ...FILES, "head/big": BIG.map((byte) => byte ^ 1) };
  network.files = served(files);
  network.fault = (path, range, bytes) =>
    path === "head/big" ? (range === 0 ? broken(bytes, 1.5 * CHUNK_BYTES) : offline()) : undefined;
  await expect(load()).rejects.toThrow("could not be fetched");
  network.fault = offline;
  expect(same(await load())).toBe(true);
});

test("an abort ends loading with the reason and is not tried again", async () => {
  const abort = new AbortController();
  network.fault = (path) => {
    if (path === "head/big") abort.abort(new Error("enough"));
    return undefined;
  };
  await expect(load({ signal: abort.signal })).rejects.toThrow("enough");
  expect(bigRequests()).toHaveLength(1);
});

test("a bundle of another origin is refused without a request", async () => {
  const options = { cache: true, signal: new AbortController().signal, onProgress: () => undefined };
  await expect(loadFiles("https://elsewhere.org/b/", around(network, storage), options)).rejects.toThrow(
    "the bundle at https://elsewhere.org/b/ is of another origin than this page, https://example.org: serve both from one place",
  );
  expect(network.requests).toEqual([]);
});

test("two tabs at once fetch every file once", async () => {
  const locks = { request: oneAfterTheOther() } as Pick<LockManager, "request">;
  const surroundings = around(network, storage, locks);
  const [one, two] = await Promise.all([load({}, surroundings), load({}, surroundings)]);
  expect(same(one) && same(two)).toBe(true);
  expect(bigRequests()).toEqual(["head/big"]);
});

test("locks that are refused do not stop loading", async () => {
  const request = (): Promise<never> => Promise.reject(new DOMException("no", "SecurityError"));
  expect(same(await load({}, around(network, storage, { request } as Pick<LockManager, "request">)))).toBe(true);
});

test("progress only grows, up to the whole", async () => {
  const seen: Progress[] = [];
  await load({ onProgress: (progress) => seen.push(progress) });
  const downloads = seen.filter(({ stage }) => stage === "download").map(({ bytes }) => bytes);
  expect(downloads).toEqual([...downloads].sort((a, b) => a - b));
  expect(seen.at(-1)).toEqual({ stage: "download", bytes: BIG.length + 2, totalBytes: BIG.length + 2 });
});

/** Return what Web Locks do, for one lock. */
function oneAfterTheOther(): (name: string, options: unknown, run: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (_name, _options, run) => {
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  };
}
