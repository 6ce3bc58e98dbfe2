/** A model and texts go in, one answer per text comes out, with pauses in which a cancellation can arrive. */

import type { Model } from "./model.ts";
import type { Answers } from "./protocol.ts";

const SLICE_MS = 8;

/** Answers, and the buffers in them that can be handed over instead of copied. */
export interface Ran {
  readonly answers: Answers[keyof Answers][];
  readonly buffers: ArrayBuffer[];
}

type Untimed = { [What in keyof Answers]: Omit<Answers[What], "milliseconds"> };

/** Return the answers in the order of the texts. */
export async function run(
  model: Model,
  what: keyof Answers,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Ran> {
  const ran: Ran = { answers: [], buffers: [] };
  for (let next = 0; next < texts.length; ) {
    const start = performance.now();
    const slice: object[] = [];
    let spent = 0;
    do {
      slice.push(await answer(model, what, texts[next++] ?? "", ran.buffers));
      spent = performance.now() - start;
    } while (model.encoder.instant && next < texts.length && spent < SLICE_MS);
    // Clocks in browsers are coarse: texts that take microseconds share one measurement.
    for (const one of slice) ran.answers.push(withTime(one, spent / slice.length));
    if (next < texts.length) await messages();
    signal.throwIfAborted();
  }
  return ran;
}

async function answer(
  model: Model,
  what: keyof Answers,
  text: string,
  buffers: ArrayBuffer[],
): Promise<Untimed[keyof Answers]> {
  if (what === "embed") {
    const vector = await model.embed(text);
    buffers.push(vector.buffer as ArrayBuffer);
    return vector;
  }
  const { ids, vector, scores, probabilities, tags } = await model.answer(text);
  buffers.push(probabilities.buffer as ArrayBuffer);
  if (what === "tag") {
    const { labels } = model.manifest;
    const probabilityOf = (label: string): number => probabilities[labels.findIndex(({ name }) => name === label)] ?? 0;
    return { tags: tags.map((label) => ({ label, probability: probabilityOf(label) })), probabilities };
  }
  buffers.push(ids.buffer as ArrayBuffer, vector.buffer as ArrayBuffer, scores.buffer as ArrayBuffer);
  return { ids, vector, scores, probabilities, tags };
}

function withTime(answer: object, milliseconds: number): Answers[keyof Answers] {
  return (answer instanceof Float32Array ? answer : { ...answer, milliseconds }) as Answers[keyof Answers];
}

/** Return once the messages that have arrived were handled. */
function messages(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
