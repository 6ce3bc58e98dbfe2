/** Word pieces with their ids go in, a look-up of any stretch of text comes out; 0.7 MB for 30,000 pieces. */

import { BundleError } from "./errors.ts";

export const SEED = 0x811c9dc5;

/** Return the hash of a text one UTF-16 unit longer (FNV-1a, as the table uses it). */
export function extend(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** All pieces in one buffer, found through an open-addressing table. */
export class Vocabulary {
  readonly size: number;
  readonly longest: number;
  private readonly units: Uint16Array;
  private readonly ends: Uint32Array;
  private readonly ids: Uint32Array;
  private readonly slots: Uint32Array; // index of a piece plus one; 0 is free

  constructor(pieces: Readonly<Record<string, number>>, limit: number) {
    const names = Object.keys(pieces);
    this.size = names.length;
    this.units = new Uint16Array(names.reduce((sum, name) => sum + name.length, 0));
    this.ends = new Uint32Array(names.length + 1);
    this.ids = new Uint32Array(names.length);
    this.slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * names.length + 2)));
    let end = 0;
    let longest = 0;
    for (const [index, name] of names.entries()) {
      const id = pieces[name];
      if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= limit) {
        throw new BundleError(`tokenizer.json gives ${JSON.stringify(name)} the id ${id}, expected 0 to ${limit - 1}`);
      }
      let hash = SEED;
      for (let i = 0; i < name.length; i++) {
        const unit = name.charCodeAt(i);
        this.units[end++] = unit;
        hash = extend(hash, unit);
      }
      this.ends[index + 1] = end;
      this.ids[index] = id;
      this.slots[this.freeSlot(hash)] = index + 1;
      longest = Math.max(longest, name.length);
    }
    this.longest = longest;
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
    const units = Array.from(piece, (_, i) => piece.charCodeAt(i));
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
