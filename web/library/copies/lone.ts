/** `cutouts.jsonl` by itself goes in, as a browser leaves it that unpacks what it downloads; its cutouts come out. */

import { Lines, sampleOf } from "../importers/index.ts";
import { checkedRecord } from "../record.ts";
import { type Copy, type CopyRow, returned } from "./copy.ts";

const MOST_HEAD_BYTES = 1 << 16;

/** Return the library in a file whose first line is a cutout as the archive writes it, or null. */
export async function openLines(file: Blob): Promise<Copy | null> {
  const head = await file.slice(0, 10).text();
  if (!head.startsWith('{"key":')) return null;
  const [first] = new Lines().write(`${(await file.slice(0, MOST_HEAD_BYTES).text()).split("\n", 1)[0]}\n`);
  const isWhole = first?.why === undefined;
  if (isWhole && typeof checkedRecord(first?.value) === "string") return null;
  return {
    format: "Cutouts (cutouts.jsonl alone)",
    vocabulary: { tags: [], models: [] },
    rows: (isKept) => rowsOf(file, isKept),
    close: () => undefined,
  };
}

async function* rowsOf(file: Blob, isKept: (sha256: string) => boolean): AsyncGenerator<CopyRow, void, undefined> {
  const imageOf = async () => "choose the archive itself to bring images too";
  const lines = new Lines();
  const decoder = new TextDecoder();
  const reader = file.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const read = done
        ? [...lines.write(decoder.decode()), ...lines.end()]
        : lines.write(decoder.decode(value, { stream: true }));
      for (const { number, value: record, why, text } of read)
        yield why === undefined
          ? await returned(number, record, imageOf, isKept)
          : { row: number, why, sample: sampleOf(text) };
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
