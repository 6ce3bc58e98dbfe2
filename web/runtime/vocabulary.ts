/** Word pieces with their ids go in, a look-up of any stretch of text comes out; 0.7 MB for 30,000 pieces. */

import { BundleError } from "./errors.ts";

export const SEED = 0x811c9dc5;

/** Return the hash of a text one UTF-16 unit longer (FNV-1a, as the table uses it). */
export function extend(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** All pieces in one buffer, found through an open-addressing table. */
export class Vocabulary {
  size = 0;
  /** UTF-16 units of the longest piece. */
  longest = 0;
  private readonly limit: number;
  private units: Uint16Array;
  private readonly ends: Uint32Array;
  private readonly ids: Uint32Array;
  private readonly slots: Uint32Array; // index of a piece plus one; 0 is free

  /** Make room for pieces whose ids are below `limit`, of `units` UTF-16 units together. */
  constructor(limit: number, units: number) {
    this.limit = limit;
    this.units = new Uint16Array(units);
    this.ends = new Uint32Array(limit + 1);
    this.ids = new Uint32Array(limit);
    this.slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * limit + 2)));
  }

  /** Add the piece `text.slice(start, end)`. */
  add(text: string, start: number, end: number, id: number): void {
    const { units, size, limit } = this;
    if (id >= limit || size >= limit) {
      const piece = JSON.stringify(text.slice(start, end));
      throw new BundleError(`tokenizer.json gives ${piece} the id ${id}, expected 0 to ${limit - 1}`);
    }
    const first = this.ends[size] as number;
    let last = first;
    let hash = SEED;
    for (let i = start; i < end; i++) {
      const unit = text.charCodeAt(i);
      units[last++] = unit;
      hash = extend(hash, unit);
    }
    if (this.find(units, first, last, hash) >= 0) {
      throw new BundleError(`tokenizer.json lists ${JSON.stringify(text.slice(start, end))} twice`);
    }
    this.ends[size + 1] = last;
    this.ids[size] = id;
    this.slots[this.freeSlot(hash)] = size + 1;
    this.size = size + 1;
    this.longest = Math.max(this.longest, last - first);
  }

  /** Give back the room that no piece took. */
  trim(): void {
    this.units = this.units.slice(0, this.ends[this.size]);
  }

  /** Return the id of the piece `text.slice(start, end)` whose hash is `hash`, or -1. */
  find(text: ArrayLike<number>, start: number, end: number, hash: number): number {
    const mask = this.slots.length - 1;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const index = (this.slots[slot] as number) - 1;
      if (index < 0) return -1;
      if (this.equals(index, text, start, end)) return this.ids[index] as number;
    }
  }

  /** Return the id of a whole piece, or -1. */
  idOf(piece: string): number {
    const units = Array.from({ length: piece.length }, (_, i) => piece.charCodeAt(i));
    return this.find(units, 0, units.length, units.reduce(extend, SEED));
  }

  private freeSlot(hash: number): number {
    const mask = this.slots.length - 1;
    let slot = spread(hash) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }

  private equals(index: number, text: ArrayLike<number>, start: number, end: number): boolean {
    const from = this.ends[index] as number;
    const length = end - start;
    if ((this.ends[index + 1] as number) - from !== length) return false;
    for (let i = 0; i < length; i++) {
      if (this.units[from + i] !== text[start + i]) return false;
    }
    return true;
  }
}

// The low bits of FNV-1a alone cluster; the high ones are folded in.
function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}
