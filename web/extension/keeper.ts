/** Asks of the extension come in, the library answers them; it has the model too. Runs where there are workers. */

import { isModelPutOff } from "../app/settings.ts";
import { bytesOfBase64, type Library, type NewCutout, openLibrary, sha256Of } from "../library/index.ts";
import type { KeeperAsk, Reply, Saving, Tags } from "./messages.ts";
import { bytesOf } from "./pictures.ts";

const PATIENCE_MS = 4000; // for a model to read a new cutout

/** The library of the extension, and what is asked of it for pages. */
export class Keeper {
  private readonly library: Library;
  private readonly waiting = new Set<() => void>();
  /** Whether a model may be loaded that the library does not know of yet. */
  private isStarting = false;
  /** Saves that are under way, by key. */
  private readonly saves = new Map<string, Promise<unknown>>();

  constructor() {
    this.library = openLibrary({
      onState: ({ name }) => {
        if (name === "owner") void this.startModel();
      },
      onChange: () => this.wake(),
      onModel: () => this.wake(),
    });
  }

  /** Return what became of an ask; what is said to be done is durable. */
  async answer(ask: KeeperAsk): Promise<Reply> {
    try {
      if (ask.name === "save") return await this.save(ask.saving);
      if (ask.name === "has") return await this.has(ask.key);
      return { isDone: true, tags: await this.tagsAfter(ask), lacksPicture: false };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { isDone: false, why: error.message };
    }
  }

  /** Save a cutout; the reply comes once it is durable. */
  private async save(saving: Saving): Promise<Reply> {
    const saved = cutoutOf(saving);
    const done = saved.then((cutout) => this.library.ask("save", cutout));
    this.saves.set(saving.key, done);
    try {
      await done;
    } finally {
      this.saves.delete(saving.key);
    }
    return savedReply(saving.picture !== null && (await saved).asset === undefined);
  }

  /** Tell whether the cutout is there. One that is being saved is waited for, and its failure raised. */
  private async has(key: string): Promise<Reply> {
    await this.saves.get(key);
    const cutout = await this.library.ask("get", { key });
    if (cutout === null) throw new Error("it was interrupted: save it again");
    return savedReply(cutout.asset === null && (cutout.kind === "image" || cutout.kind === "video"));
  }

  private async tagsAfter({ key, about }: Extract<KeeperAsk, { name: "about" }>): Promise<Tags> {
    if (about.name === "read") return await this.read(key);
    if ("tag" in about) await this.library.ask(about.name, { keys: [key], name: about.tag });
    else await this.library.ask("trash", { keys: [key], isTrashed: true });
    return await this.tagsOf(key);
  }

  private async tagsOf(key: string): Promise<Tags> {
    const wasStarting = this.isStarting;
    const [model, contents] = await Promise.all([this.library.ask("model", null), this.library.ask("contents", null)]);
    const cutout = await this.library.ask("get", { key }); // last: once nothing waits, its tags are there
    const isStarting = wasStarting || this.isStarting;
    const isComing = isStarting || model.name === "loading" || model.name === "reading";
    const isReading = isComing || (model.name === "ready" && contents.waiting > 0);
    return { tags: (cutout?.tags ?? []).filter(({ origin }) => origin !== "removed"), isRead: !isReading };
  }

  /** Return the tags once a model has read the cutout, or after some seconds those that there are. */
  private async read(key: string): Promise<Tags> {
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      this.wake();
    }, PATIENCE_MS);
    try {
      for (;;) {
        const change = new Promise<void>((resolve) => this.waiting.add(resolve));
        const tags = await this.tagsOf(key);
        if (tags.isRead || tags.tags.length > 0 || isLate) return tags;
        await change;
      }
    } finally {
      clearTimeout(late);
    }
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }

  /** Load the bundle that was built into the extension, if there is one and the person did not put it off. */
  private async startModel(): Promise<void> {
    this.isStarting = true;
    try {
      const url = chrome.runtime.getURL("bundle/");
      if (!isModelPutOff() && (await hasBundle())) await this.library.ask("useModel", { url });
    } finally {
      this.isStarting = false;
      this.wake();
    }
  }
}

/** Return whether a bundle was built into the extension. */
export async function hasBundle(): Promise<boolean> {
  try {
    return (await fetch(chrome.runtime.getURL("bundle/manifest.json"))).ok;
  } catch (error) {
    if (error instanceof TypeError) return false; // a file that is not in the package
    throw error;
  }
}

function savedReply(lacksPicture: boolean): Reply {
  return { isDone: true, tags: { tags: [], isRead: false }, lacksPicture };
}

/** Return the cutout to save, with its icon if the tab had one, and its picture if that is one. */
async function cutoutOf({ key, captured, picture, created }: Saving) {
  const { kind, title, body, note, address, anchor, language, html, description, favicon } = captured;
  const icon = captured.icon && { type: captured.icon.type, bytes: bytesOfBase64(captured.icon.base64) };
  const asset = picture && (await bytesOf(picture));
  const cutout: NewCutout = {
    ...{ key, kind, title, body, note, address, anchor, tags: [], created, language },
    asset: asset && (await sha256Of(asset.bytes)),
    icon: icon && (await sha256Of(icon.bytes)),
    source: { html, description, iconAddress: favicon },
  };
  return { cutout, ...(asset && { asset }), ...(icon && { icon }) };
}
