/** Files go in, a manifest that describes them comes out; it is sound, and tests damage it. */

import { createHash } from "node:crypto";
import { CHUNK_BYTES, type FileEntry, type Manifest } from "./manifest.ts";

/** Return a manifest of a static bundle with a linear head. */
export function manifestOf(files: Readonly<Record<string, Uint8Array>>, change: Partial<Manifest> = {}): Manifest {
  return {
    format: 1,
    name: "tiny",
    created: "2026-11-23T12:00:00Z",
    encoder: {
      kind: "static",
      name: "static",
      space: "0123456789abcdef",
      dim: 2,
      max_tokens: 0,
      vocabulary: 10,
      licence: "Apache-2.0",
      source: "test",
      receipt: {},
    },
    head: { kind: "linear", link: "softmax" },
    labels: ["a", "b", "c"].map((name) => ({ name, threshold: 0.5 })),
    multiple: false,
    max_chars: 1000,
    tolerance: 1e-5,
    metrics: {},
    provenance: {},
    licence: "Apache-2.0",
    files: Object.entries(files).map(([path, bytes]) => fileEntry(path, bytes)),
    ...change,
  };
}

function fileEntry(path: string, bytes: Uint8Array): FileEntry {
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(hex(bytes.subarray(at, at + CHUNK_BYTES)));
  return { path, bytes: bytes.length, sha256: hex(bytes), chunks, load: true };
}

function hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
