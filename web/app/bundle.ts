/** The manifest of the site's bundle goes in; what it says of the model comes out, in words for a person. */

import type { Manifest } from "../runtime/index.ts";
import { size } from "./size.ts";

declare const ENGINE_BYTES: number; // put in by build.js: the files of the ONNX engine, as they lie on the server

/** What is known of a model before it is loaded. */
export type About = Pick<Manifest, "name" | "labels" | "multiple" | "metrics" | "encoder" | "files">;

/** Return what the site's manifest says; null where there is none to read, as the model itself says when it is loaded. */
export async function readAbout(): Promise<About | null> {
  try {
    const response = await fetch(new URL("bundle/manifest.json", document.baseURI));
    const about = (await response.json()) as About;
    const { name, labels, multiple, metrics, encoder, files } = about;
    return [name, labels, multiple, metrics, encoder, files].includes(undefined as never) ? null : about;
  } catch {
    return null;
  }
}

/** Return the bytes of what a first visit loads, as they lie on the server: the bundle's files, and the engine it needs. */
export function bytesOf({ encoder, files }: Pick<About, "encoder" | "files">): { bundle: number; engine: number } {
  const bundle = files.filter(({ load }) => load).reduce((sum, file) => sum + file.bytes, 0);
  return { bundle, engine: encoder.kind === "onnx" ? ENGINE_BYTES : 0 };
}

/** Return the size of all that `bytesOf` counts. */
export function wholeSizeOf(about: Pick<About, "encoder" | "files">): string {
  const { bundle, engine } = bytesOf(about);
  return size(bundle + engine);
}

/** Return that size, and how much of it is the engine. */
export function sizeOf(about: Pick<About, "encoder" | "files">): string {
  const { engine } = bytesOf(about);
  return wholeSizeOf(about) + (engine > 0 ? `, ${size(engine)} of it the engine` : "");
}

/** Return how good the model was measured to be: what was measured, and how it came out. */
export function measured({ multiple, metrics }: Pick<About, "multiple" | "metrics">): { name: string; value: string } {
  const { accuracy, micro_f1: micro, texts } = metrics;
  const of = typeof texts === "number" ? ` of ${texts.toLocaleString()}` : "";
  // With several labels, accuracy counts the texts whose labels are right to the last one.
  if (multiple && typeof micro === "number") {
    const on = typeof texts === "number" ? `, on ${texts.toLocaleString()} texts` : "";
    return { name: "Micro F1 on texts that it had not seen", value: `${micro.toFixed(3)}${on}` };
  }
  if (!multiple && typeof accuracy === "number")
    return { name: "Right on texts that it had not seen", value: `${(accuracy * 100).toFixed(1)}\u00a0%${of}` };
  return { name: "How good it is", value: "its bundle does not say" };
}
