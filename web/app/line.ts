/**
 * What the other side of a hand-over says goes in, checked; what is said to it goes out. The two sides are the panel of
 * the extension and the page of the app; neither takes the other's word for anything.
 */

import type { Intake, IntakeLine } from "../library/index.ts";

/** The attribute by which a page says that it is the app, and the version of what is said here. */
export const HAND_OVER = { mark: "cutoutsHandOver", version: "1", hello: "cutouts: hand over" } as const;

/** Bytes of a piece. One is on its way at a time: the next waits until this one is written. */
export const PIECE = 1 << 20;
/** A zip has room for no more. */
const MOST_BYTES = 0xffffffff;
const MOST_LINES = 10_000;
const LONGEST = 1000;

/** Every message of a hand-over. The first one comes from the panel and says what the app is to do. */
export type Said =
  | { readonly type: "give" | "take" }
  /** A library of this many bytes follows, in pieces. */
  | { readonly type: "begins"; readonly size: number }
  | { readonly type: "piece"; readonly base64: string }
  /** What came until now is written: the next piece may come. */
  | { readonly type: "got" }
  /** How many cutouts were written into the file, or are in the other library. */
  | { readonly type: "rows"; readonly rows: number }
  | { readonly type: "done"; readonly intake: Intake }
  /** A person pressed Stop. Said to a library that is bringing in, it is answered by its report. */
  | { readonly type: "stop" }
  | { readonly type: "failed"; readonly why: string };

/** A hand-over ended before its end; the message says what became of both libraries. */
export class HandOverError extends Error {
  override name = "HandOverError";
}

/** One end of a hand-over. */
export class Line {
  /** Aborted when nothing more will come: it was stopped, it failed, or the other side is gone. */
  readonly ended: AbortSignal;
  /** Aborted when a person on the other side pressed Stop. */
  readonly stopped: AbortSignal;
  private readonly end = new AbortController();
  private readonly stop = new AbortController();
  private readonly post: (said: Said) => void;
  private readonly arrived: Said[] = [];
  private isCut = false;
  private wake: (() => void) | undefined;

  constructor(post: (said: Said) => void) {
    this.post = post;
    this.ended = this.end.signal;
    this.stopped = this.stop.signal;
  }

  /** Say something to the other side, if it is still there. */
  send(said: Said): void {
    if (!this.isCut) this.post(said);
  }

  /** Hear what the other side said. */
  receive(value: unknown): void {
    const said = checkedSaid(value);
    if (said === null) this.hangUp("the other side said what nobody understands: reload the app, update the extension");
    else if (said.type === "failed") this.hangUp(said.why);
    else if (said.type === "stop") {
      const why = new HandOverError("it was stopped on the other side");
      this.stop.abort(why);
      this.hangUp(why.message);
    } else {
      this.arrived.push(said);
      this.wake?.();
    }
  }

  /** Note that the other side is gone: nothing more will come, and nothing can be said. */
  cut(why: string): void {
    this.isCut = true;
    this.hangUp(why);
  }

  /** Listen no more, and say why. */
  hangUp(why: string): void {
    this.end.abort(new HandOverError(why));
    this.wake?.();
  }

  /** Return the next thing that is said; raise HandOverError if it is none of these, or nothing more comes. */
  async next<Type extends Said["type"]>(...types: readonly Type[]): Promise<Extract<Said, { type: Type }>> {
    while (this.arrived.length === 0) {
      this.ended.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const said = this.arrived.shift();
    if (said === undefined || !types.some((type) => type === said.type))
      throw new HandOverError(`the other side said “${said?.type}”, expected “${types.join("” or “")}”`);
    return said as Extract<Said, { type: Type }>; // as: its type was just compared
  }
}

/** Return what was said with every field of its type, or null when it is no message of a hand-over. */
export function checkedSaid(value: unknown): Said | null {
  const { type, size, base64, rows, intake, why } = fieldsOf(value);
  if (type === "give" || type === "take" || type === "got" || type === "stop") return { type };
  if (type === "begins") return isCount(size) && size <= MOST_BYTES ? { type, size } : null;
  if (type === "piece") return typeof base64 === "string" && base64.length <= 2 * PIECE ? { type, base64 } : null;
  if (type === "rows") return isCount(rows) ? { type, rows } : null;
  if (type === "done") return { type, intake: checkedIntake(intake) };
  return type === "failed" ? { type, why: text(why) } : null;
}

/** Return a report as it may be shown: it is the other side's. */
function checkedIntake(value: unknown): Intake {
  const { format, added, merged, skipped, isChange, isStopped, lines, moreLines } = fieldsOf(value);
  return {
    format: text(format),
    added: count(added),
    merged: count(merged),
    skipped: count(skipped),
    isChange: isChange === true,
    isStopped: isStopped === true,
    lines: (Array.isArray(lines) ? lines.slice(0, MOST_LINES) : []).map(checkedLine),
    moreLines: count(moreLines),
  };
}

function checkedLine(value: unknown): IntakeLine {
  const { row, did, sample, why } = fieldsOf(value);
  return {
    row: count(row),
    did: did === "merged" || did === "cut" ? did : "skipped",
    sample: text(sample),
    why: text(why),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function count(value: unknown): number {
  return isCount(value) ? value : 0;
}

function text(value: unknown): string {
  return typeof value === "string" ? value.slice(0, LONGEST).toWellFormed() : "";
}
