/** The app's files: kept by hash, never of two versions, and answered without a network. */

import { expect, test } from "vitest";
import { type AppFile, AppFiles } from "./files.ts";

const SCOPE = "https://example.org/some/where/";

async function fileOf(path: string, text: string, isNeeded = true): Promise<AppFile> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return { path, sha256: Buffer.from(digest).toString("hex"), isNeeded };
}

/** A Cache Storage in memory, with what this room uses of it. */
function memory() {
  const kept = new Map<string, Response>();
  const cache = {
    match: async (key: string) => kept.get(key)?.clone(),
    put: async (key: string, response: Response) => void kept.set(key, response),
    delete: async (key: string) => kept.delete(key),
    keys: async () => [...kept.keys()].map((url) => ({ url })),
  };
  return { kept, storage: { open: async () => cache as unknown as Cache } };
}

/** A network that answers with these texts, and writes down what it was asked for. */
function network(texts: Record<string, string>) {
  const asked: string[] = [];
  const load = (async (address: string) => {
    const path = address.replace(SCOPE, "");
    asked.push(path);
    const text = texts[path];
    if (text === undefined) throw new TypeError("Failed to fetch");
    return new Response(text, { headers: { "content-security-policy": "p", "content-encoding": "br", vary: "*" } });
  }) as typeof fetch;
  return { asked, load };
}

test("what is kept is answered without the network, with its policy, and what is seldom used is kept at first use", async () => {
  const { storage } = memory();
  const [page, engine] = [await fileOf("library.html", "page"), await fileOf("engine.js", "engine", false)];
  const texts: Record<string, string> = { "library.html": "page", "engine.js": "engine" };
  const { asked, load } = network(texts);
  const files = new AppFiles([page, engine], SCOPE, storage, load);
  await files.keep();
  expect(asked).toEqual(["library.html"]);
  await files.answer(engine);
  delete texts["library.html"];
  delete texts["engine.js"];
  const answer = await files.answer(page);
  expect(await answer.text()).toBe("page");
  expect([...answer.headers.keys()].sort()).toEqual(["content-security-policy", "content-type"]);
  expect(await (await files.answer(engine)).text()).toBe("engine");
  expect(asked).toEqual(["library.html", "engine.js"]);
});

test("a file with another hash is not kept, and the message says which", async () => {
  const { kept, storage } = memory();
  const { load } = network({ "library.html": "half of another version" });
  const files = new AppFiles([await fileOf("library.html", "page")], SCOPE, storage, load);
  await expect(files.keep()).rejects.toThrow(/^library\.html has the hash \w{64}, expected \w{64}: the site is being/);
  await files.renewPolicies();
  expect(kept.size).toBe(0);
});

test("two versions share what is the same, and the later one forgets the rest when it takes over", async () => {
  const { kept, storage } = memory();
  const shared = await fileOf("library/index.js", "shared");
  const texts = { "library/index.js": "shared", "library.html": "old" };
  const { asked, load } = network(texts);
  const old = new AppFiles([shared, await fileOf("library.html", "old")], SCOPE, storage, load);
  await old.keep();
  texts["library.html"] = "new";
  const page = await fileOf("library.html", "new");
  const newer = new AppFiles([shared, page], SCOPE, storage, load);
  await newer.keep();
  expect(asked.filter((path) => path === "library/index.js")).toHaveLength(1);
  expect(kept.size).toBe(3);
  await newer.forgetOthers();
  expect(kept.size).toBe(2);
  expect(await (await newer.answer(page)).text()).toBe("new");
});

test("only the app's own addresses mean a file of it", async () => {
  const { storage } = memory();
  const files = new AppFiles([await fileOf("library.html", "page")], SCOPE, storage, network({}).load);
  const means = (address: string) => files.fileAt(address)?.path;
  expect(means(`${SCOPE}library.html?x=1#new`)).toBe("library.html");
  expect(means(`${SCOPE}library`)).toBe("library.html");
  expect(means(`${SCOPE}bundle/manifest.json`)).toBeUndefined();
  expect(means("https://elsewhere.example.org/some/where/library.html")).toBeUndefined();
  expect(means("https://example.org/library.html")).toBeUndefined();
});

test("a policy that changed is kept while the bytes are the same", async () => {
  const { storage } = memory();
  const page = await fileOf("library.html", "page");
  let policy = "static";
  const load = (async () => new Response("page", { headers: { "content-security-policy": policy } })) as typeof fetch;
  const files = new AppFiles([page], SCOPE, storage, load);
  await files.keep();
  policy = "onnx";
  await files.renewPolicies();
  expect((await files.answer(page)).headers.get("content-security-policy")).toBe("onnx");
});
