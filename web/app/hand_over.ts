/** A library goes over a line, and into the library at its other end: what both sides of a hand-over do. */

import { bytesOfBase64, type Intake } from "../library/index.ts";
import { HandOverError, type Line, PIECE } from "./line.ts";
import { type Parcel, withParcel } from "./parcel.ts";
import { ask, counted } from "./state.ts";

/** How far a hand-over is. */
export type Step =
  | { readonly name: "asking" }
  | { readonly name: "writing"; readonly rows: number }
  | { readonly name: "bringing"; readonly rows: number }
  | { readonly name: "moving"; readonly bytes: number; readonly size: number };

/** What stands at one end of a line. */
export interface End {
  readonly line: Line;
  /** Aborted when the person at this end pressed Stop. */
  readonly stop: AbortSignal;
  onStep(step: Step): void;
}

/**
 * Give this library to the other side, or take the other side's into this one; return the report of the import. Nothing
 * is in a library before all of it has come. Raises HandOverError for what the other side did, and tells it of anything
 * that goes wrong here.
 */
export async function handOver(role: "give" | "take", end: End): Promise<Intake> {
  try {
    return await (role === "give" ? give(end) : take(end));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    end.line.send({ type: "failed", why: error.message });
    throw error;
  }
}

async function give(end: End): Promise<Intake> {
  await stoppable(end, () => pass(end));
  return await report(end);
}

/** Hand the whole library over, as the zip that the app takes out. */
async function pass({ line, onStep }: End): Promise<void> {
  const onRows = (rows: number) => {
    onStep({ name: "writing", rows });
    line.send({ type: "rows", rows });
  };
  const { file } = await ask("exportFile", { format: "zip", keys: null }, { signal: line.ended, onRows });
  line.send({ type: "begins", size: file.size });
  for (let at = 0; at < file.size; at += PIECE) {
    await line.next("got");
    line.send({ type: "piece", base64: await base64Of(file.slice(at, at + PIECE)) });
    onStep({ name: "moving", bytes: Math.min(at + PIECE, file.size), size: file.size });
  }
  await line.next("got");
}

/** Wait for the other library. A stop is for it to carry out now, and its report says how far it came. */
async function report({ line, stop, onStep }: End): Promise<Intake> {
  const tell = () => line.send({ type: "stop" });
  stop.addEventListener("abort", tell);
  try {
    if (stop.aborted) tell();
    onStep({ name: "bringing", rows: 0 });
    for (;;) {
      const said = await line.next("rows", "done");
      if (said.type === "done") return said.intake;
      onStep({ name: "bringing", rows: said.rows });
    }
  } finally {
    stop.removeEventListener("abort", tell);
  }
}

/** What came is gone again before the other side hears that it is done: it may begin the next hand-over at once. */
async function take(end: End): Promise<Intake> {
  const intake = await withParcel(end.line.ended, async (parcel) => {
    await stoppable(end, () => receive(end, parcel));
    return await bring(end, await parcel.whole());
  });
  end.line.send({ type: "done", intake });
  return intake;
}

async function receive({ line, onStep }: End, parcel: Parcel): Promise<void> {
  for (;;) {
    const said = await line.next("rows", "begins");
    if (said.type === "rows") onStep({ name: "writing", rows: said.rows });
    else return await unpack(said.size, { line, onStep }, parcel);
  }
}

async function unpack(size: number, { line, onStep }: Pick<End, "line" | "onStep">, parcel: Parcel): Promise<void> {
  let bytes = 0;
  line.send({ type: "got" });
  while (bytes < size) {
    const piece = bytesOfBase64((await line.next("piece")).base64);
    bytes += piece.length;
    if (piece.length === 0 || bytes > size)
      throw new HandOverError(`a library of ${size} bytes was announced, and something else came: try again`);
    await parcel.write(piece);
    onStep({ name: "moving", bytes, size });
    line.send({ type: "got" });
  }
}

/** All of it has come: it goes in even if the other side is gone by now. */
async function bring({ line, stop, onStep }: End, file: File): Promise<Intake> {
  const onRows = (rows: number) => {
    onStep({ name: "bringing", rows });
    line.send({ type: "rows", rows });
  };
  onStep({ name: "bringing", rows: 0 });
  return await ask("importFile", { file }, { signal: AbortSignal.any([stop, line.stopped]), onRows });
}

/** Do what a Stop at this end breaks off: neither library is changed by then. */
async function stoppable({ line, stop }: End, work: () => Promise<void>): Promise<void> {
  const onStop = () => {
    line.send({ type: "stop" });
    line.hangUp("it was stopped before anything was brought in");
  };
  stop.addEventListener("abort", onStop);
  try {
    if (stop.aborted) onStop();
    await work();
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}

async function base64Of(piece: Blob): Promise<string> {
  const reader = new FileReader();
  const address = await new Promise<string>((resolve, reject) => {
    reader.onload = () => resolve(String(reader.result)); // data:application/octet-stream;base64,…
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(piece);
  });
  return address.slice(address.indexOf(",") + 1);
}

/** Return what a step is called. */
export function sentenceOf(step: Step): string {
  if (step.name === "asking") return "Asking the app…";
  if (step.name === "writing") return `Reading the library: ${counted(step.rows)}`;
  if (step.name === "bringing") return `Bringing in: ${counted(step.rows)}`;
  return `Handing over: ${megabytes(step.bytes)} of ${megabytes(step.size)}\u00a0MB`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toLocaleString(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
