/** The text of `manifest.json` goes in, a checked description of the bundle comes out. */

import validate from "virtual:manifest-validator";
import { BundleError } from "./errors.ts";

export const FORMAT = 1;
export const CHUNK_BYTES = 1_048_576;

export interface Manifest {
  readonly format: number;
  readonly name: string;
  readonly created: string;
  readonly encoder: EncoderEntry;
  readonly head: HeadEntry;
  readonly labels: readonly Label[];
  readonly multiple: boolean;
  readonly max_chars: number;
  readonly tolerance: number;
  readonly metrics: Readonly<Record<string, number | string | null>>;
  readonly provenance: Readonly<Record<string, number | string | boolean>>;
  readonly licence: string;
  readonly files: readonly FileEntry[];
}

export interface EncoderEntry {
  readonly kind: "static" | "onnx";
  readonly name: string;
  readonly space: string;
  readonly dim: number;
  readonly max_tokens: number;
  readonly cls?: number;
  readonly sep?: number;
  readonly vocabulary: number;
  readonly licence: string;
  readonly source: string;
  readonly receipt: Readonly<Record<string, number | string>>;
}

export interface HeadEntry {
  readonly kind: "linear" | "cnn";
  readonly link: "softmax" | "sigmoid";
  readonly layers?: readonly Layer[];
}

export interface Layer {
  readonly type: string;
  readonly activation?: string;
  readonly strides?: number;
  readonly padding?: "valid" | "same";
  readonly dilation?: number;
  readonly size?: number;
  readonly shape?: readonly number[];
}

export interface Label {
  readonly name: string;
  readonly threshold: number;
}

export interface FileEntry {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly chunks: readonly string[];
  readonly load: boolean;
}

/** Return the manifest, or throw naming the field, what was found and what was expected. */
export function readManifest(text: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new BundleError(`manifest.json is not JSON (${String(error)}): is this the address of a bundle?`);
  }
  const format = (json as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format > FORMAT) {
    throw new BundleError(
      `manifest.json has format ${format}, this page reads up to ${FORMAT}: reload the page, or update Cutouts`,
    );
  }
  if (!validate(json))
    throw new BundleError(`manifest.json${complaint(json, validate.errors?.[0])}: build the bundle again`);
  const manifest = json as Manifest;
  checkFiles(manifest.files);
  return manifest;
}

/** Return the only entry of that path, or throw. */
export function fileOf(manifest: Manifest, path: string): FileEntry {
  const file = manifest.files.find((entry) => entry.path === path);
  if (file === undefined || !file.load)
    throw new BundleError(`manifest.json lists no file ${path} to load: build the bundle again`);
  return file;
}

function checkFiles(files: readonly FileEntry[]): void {
  const paths = new Set<string>();
  for (const { path, bytes, chunks } of files) {
    if (paths.has(path)) throw new BundleError(`manifest.json lists ${path} twice: build the bundle again`);
    paths.add(path);
    const expected = Math.ceil(bytes / CHUNK_BYTES);
    if (chunks.length !== expected) {
      throw new BundleError(
        `manifest.json lists ${chunks.length} chunks for the ${bytes} bytes of ${path}, expected ${expected}: build the bundle again`,
      );
    }
  }
}

interface SchemaError {
  readonly instancePath: string;
  readonly message?: string;
}

function complaint(json: unknown, error: SchemaError | undefined): string {
  const path = error?.instancePath ?? "";
  let found: unknown = json;
  for (const key of path.split("/").slice(1))
    found = (found as Readonly<Record<string, unknown>>)[key.replaceAll("~1", "/").replaceAll("~0", "~")];
  const shown = JSON.stringify(found);
  return `${path} is ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}, which ${error?.message ?? "is not valid"}`;
}
