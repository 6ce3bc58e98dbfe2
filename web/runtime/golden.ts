/** `golden.json` and a model go in; nothing comes out, or an error when this device answers differently than Python. */

import { BundleError } from "./errors.ts";
import type { Answer, Model } from "./model.ts";

/** One text with Python's answers. */
export interface Golden {
  readonly text: string;
  readonly ids: readonly number[];
  readonly vector: readonly number[];
  readonly scores: readonly number[];
  readonly probabilities: readonly number[];
  readonly tags: readonly string[];
}

const FEWEST = 4;
const BUDGET_MS = 12;
const STRIDE = 7; // neighbours in the list are of one kind; steps of seven meet every kind early

/** Return the texts of `golden.json`, their fields checked. */
export function readGolden(json: unknown): Golden[] {
  const texts = (json as { texts?: unknown } | null)?.texts;
  if (!Array.isArray(texts) || texts.length === 0)
    throw new BundleError("golden.json holds no texts: build the bundle again");
  for (const [i, entry] of texts.entries()) {
    const { text, ids, vector, scores, probabilities, tags } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    const numbers = [ids, vector, scores, probabilities].every(
      (list) => Array.isArray(list) && list.every((n) => typeof n === "number"),
    );
    if (typeof text !== "string" || !numbers || !Array.isArray(tags)) {
      throw new BundleError(
        `golden.json: text ${i} lacks ids, vector, scores, probabilities or tags: build the bundle again`,
      );
    }
  }
  return texts as Golden[];
}

/** Replay golden texts until the time is used up, at least four; return how many were replayed. */
export async function selfTest(model: Model, golden: readonly Golden[]): Promise<number> {
  const start = performance.now();
  let replayed = 0;
  for (const index of order(golden.length)) {
    if (replayed >= FEWEST && performance.now() - start > BUDGET_MS) break;
    const entry = golden[index] as Golden;
    const difference = compare(await model.answer(entry.text), entry, model.manifest.tolerance);
    if (difference !== undefined) {
      throw new BundleError(
        `self-test: ${difference} for golden text ${index}; this browser would tag wrongly, so it does not tag: build and prove the bundle again, or update the browser`,
      );
    }
    replayed++;
  }
  return replayed;
}

/** Return what differs from Python's answer, or nothing. */
export function compare(answer: Answer, golden: Golden, tolerance: number): string | undefined {
  if (answer.ids.length !== golden.ids.length || answer.ids.some((id, i) => id !== golden.ids[i])) {
    return `pieces are [${answer.ids.slice(0, 8).join(" ")}…], expected [${golden.ids.slice(0, 8).join(" ")}…]`;
  }
  for (const name of ["scores", "probabilities"] as const) {
    const worst = largestDifference(answer[name], golden[name]);
    if (!(worst <= tolerance)) return `${name} differ by ${worst}, expected at most ${tolerance}`;
  }
  const same = answer.tags.length === golden.tags.length && answer.tags.every((tag, i) => tag === golden.tags[i]);
  return same ? undefined : `tags are [${answer.tags.join(", ")}], expected [${golden.tags.join(", ")}]`;
}

function largestDifference(found: ArrayLike<number>, expected: readonly number[]): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  return expected.reduce((worst, number, i) => Math.max(worst, Math.abs(number - (found[i] as number))), 0);
}

function order(length: number): number[] {
  const firsts = Array.from({ length: Math.min(STRIDE, length) }, (_, i) => i);
  return firsts.flatMap((first) =>
    Array.from({ length: Math.ceil((length - first) / STRIDE) }, (_, i) => first + i * STRIDE),
  );
}
