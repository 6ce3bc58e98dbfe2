/**
 * What became of a save goes in; a notice in the page says so, takes changes, and goes away by itself. Runs in the page, in
 * the extension's own world, in a closed shadow root: the page's scripts do not see in, and its styles do not reach in.
 */

import { type FromNotice, NOTICE, type NoticeDoor, type Reply, type Shown, type Tags } from "./messages.ts";
import { drawn, type View } from "./notice_view.ts";

const STAYS_MS = 8000; // without pointer or focus
const ROUNDS = 4; // of asking for tags, each of which the library answers within seconds
const LINGERS_MS = 3000; // after these have left

/** A notice that is shown. */
class Notice {
  readonly print: string;
  private readonly nonce: string;
  private readonly view: View;
  private readonly held = new Set<"pointer" | "focus">();
  private isClosed = false;
  private leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(shown: Shown) {
    this.print = shown.name === "saved" ? shown.print : "";
    this.nonce = shown.name === "saved" ? shown.nonce : "";
    this.view = drawn(shown, {
      close: () => this.close(),
      open: () => void this.send({ name: "open" }),
      takeBack: () => void this.takeBack(),
      tag: (tag) => void this.change({ name: "tag", tag }),
      untag: (tag) => void this.change({ name: "untag", tag }),
      hold: (by) => this.hold(by),
      letGo: (by) => this.letGo(by),
    });
    addEventListener("keydown", this.onKey, { capture: true });
    this.leaveIn(STAYS_MS);
    if (shown.name === "saved") void this.read();
  }

  focus(): void {
    this.view.focus();
  }

  fade(isFaded: boolean): void {
    this.view.fade(isFaded);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.leaving);
    removeEventListener("keydown", this.onKey, { capture: true });
    this.view.remove();
    if (notice === this) notice = undefined;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.isTrusted && event.key === "Escape") this.close();
  };

  private hold(by: "pointer" | "focus"): void {
    this.held.add(by);
    clearTimeout(this.leaving);
  }

  private letGo(by: "pointer" | "focus"): void {
    this.held.delete(by);
    this.leaveIn(LINGERS_MS);
  }

  private leaveIn(milliseconds: number): void {
    clearTimeout(this.leaving);
    if (this.held.size === 0) this.leaving = setTimeout(() => this.close(), milliseconds);
  }

  private async takeBack(): Promise<void> {
    if ((await this.tagsAfter({ name: "takeBack" })) === null) return;
    this.view.say("Undone: it is in the trash");
    this.leaveIn(LINGERS_MS);
  }

  /** Ask for tags until the model has read it; a model that is only being loaded may take some rounds. */
  private async read(): Promise<void> {
    for (let left = ROUNDS; left > 0; left--) {
      const tags = await this.tagsAfter({ name: "read" });
      if (tags !== null) this.view.showTags(tags);
      if (this.isClosed) return;
      this.leaveIn(STAYS_MS);
      if (tags === null || tags.isRead || tags.tags.length > 0) return;
    }
  }

  private async change(ask: FromNotice["ask"]): Promise<void> {
    const tags = await this.tagsAfter(ask);
    if (tags !== null) this.view.showTags(tags);
    this.leaveIn(STAYS_MS);
  }

  /** Return the tags as they are then, or say what went wrong. */
  private async tagsAfter(ask: FromNotice["ask"]): Promise<Tags | null> {
    const reply = await this.send(ask);
    if (reply?.isDone === true) return reply.tags;
    this.view.complain(reply?.why ?? "the extension was updated: reload this page");
    return null;
  }

  private async send(ask: FromNotice["ask"]): Promise<Reply | undefined> {
    const message: FromNotice = { to: "background", nonce: this.nonce, ask };
    try {
      return await chrome.runtime.sendMessage<FromNotice, Reply | undefined>(message);
    } catch (error) {
      return { isDone: false, why: `the extension did not answer (${String(error)}): use the panel` };
    }
  }
}

let notice: Notice | undefined;

const door: NoticeDoor = {
  show: (shown) => {
    notice?.close();
    notice = new Notice(shown);
  },
  takesFocus: (print) => {
    const isShown = notice !== undefined && notice.print === print;
    if (isShown) notice?.focus();
    return isShown;
  },
  fade: (isFaded) => {
    notice?.fade(isFaded);
    return notice !== undefined;
  },
};

// Once for each page, however often it is brought in.
const world = globalThis as unknown as Record<string, NoticeDoor | undefined>;
world[NOTICE] ??= door;
