/** The address of a bundle goes in; a model that reads cutouts comes out, in a worker of its own. */

import { type LoadReport, loadBundle, type Manifest, type Progress, type Tagger } from "../runtime/index.ts";
import { textOf } from "./cutout.ts";
import type { Job, ModelEntry, Reading } from "./jobs.ts";
import { passagesOf } from "./passages.ts";

/** A loaded model. */
export class Reader {
  readonly manifest: Manifest;
  readonly report: LoadReport;
  private readonly tagger: Tagger;

  constructor(tagger: Tagger) {
    this.tagger = tagger;
    this.manifest = tagger.manifest;
    this.report = tagger.report;
  }

  /** Return what the library has to know of the model. */
  get entry(): ModelEntry {
    const { name, encoder, files } = this.manifest;
    const head = files.find(({ path }) => path === "head/head.safetensors");
    return { sha256: head?.sha256 ?? "", name, space: encoder.space, dim: encoder.dim };
  }

  /** Return what the model makes of each cutout: tags from all of it, a vector from each passage. */
  async read(jobs: readonly Job[]): Promise<Reading[]> {
    const passages = jobs.map(passagesOf);
    const inspected = await this.tagger.inspect(jobs.map(textOf));
    const vectors = await this.tagger.embed(passages.flat());
    let next = 0;
    return jobs.map((_, index) => {
      const count = passages[index]?.length ?? 0;
      const { tags, probabilities } = inspected[index] ?? { tags: [], probabilities: [] };
      const sure = tags.map((name) => ({
        name,
        probability: probabilities[this.manifest.labels.findIndex((label) => label.name === name)] ?? 0,
      }));
      next += count;
      return { vectors: vectors.slice(next - count, next), tags: sure };
    });
  }

  /** Return the vector of a question. */
  async embed(text: string): Promise<Float32Array> {
    const [vector = new Float32Array()] = await this.tagger.embed([text]);
    return vector;
  }

  /** Stop the model and free its memory. */
  close(): void {
    this.tagger.close();
  }
}

/** Return the model of the bundle at `url`. */
export async function loadReader(url: string, onProgress: (progress: Progress) => void): Promise<Reader> {
  const cache = /^https?:/.test(url); // what is part of an extension is on the device, and no cache takes it
  return new Reader(await loadBundle(url, { onProgress, cache }));
}
