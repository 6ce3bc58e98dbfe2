/**
 * Vectors of passages go in and are held in memory twice, as sign codes and as rows of whole numbers; the nearest cutouts come out.
 *
 * All codes are compared with the query, each bit that differs counting what the query's number weighs there; then the
 * nearest passages are scored with their rows. (A plain Hamming distance found 0.93 of the ten nearest where this finds
 * 0.996: most of a short query lies in few of its numbers.) There is no approximate index, so nothing has to be rebuilt
 * when cutouts come and go.
 */

import { type Allowed, isAllowed } from "./filters.ts";
import type { Ranked } from "./ranked.ts";

/** Passages that are scored with their rows, and of how many one is. Recall@10 is in docs/results.md, "The library". */
const [CANDIDATES, ONE_OF] = [2000, 256];
const FAR = 0xffff; // distance of a passage that may not be found
const LEVELS = 4096; // distances that are told apart

export class Vectors {
  readonly dim: number;
  private readonly codeWords: number;
  private size = 0;
  private codes = new Uint32Array(0); // (size, codeWords)
  private rows = new Int16Array(0); // (size, dim)
  private scales = new Float32Array(0); // (size,)
  private owners = new Int32Array(0); // (size,): the cutout of each passage
  private next = new Int32Array(0); // (size,): another passage of the same cutout, or -1
  private first = new Int32Array(0); // (highest id + 1,): a passage of each cutout, or -1
  private distances = new Uint16Array(0); // (size,), of the last query
  private seen = new Uint32Array(0); // (highest id + 1,): the last query that found the cutout
  private best = new Float32Array(0); // (highest id + 1,): its score then
  private queries = 0;

  constructor(dim: number) {
    this.dim = dim;
    this.codeWords = Math.ceil(dim / 32);
  }

  /** Passages held. */
  get passages(): number {
    return this.size;
  }

  private get candidates(): number {
    return Math.max(CANDIDATES, Math.ceil(this.size / ONE_OF));
  }

  /** Return whether this cutout has a vector. */
  has(cutout: number): boolean {
    return (this.first[cutout] ?? -1) >= 0;
  }

  /** Add a passage: `row` times `scale` is its vector. */
  add(cutout: number, row: Int16Array, scale: number): void {
    if (row.length !== this.dim)
      throw new RangeError(`a row of ${row.length} numbers, expected ${this.dim}: a vector of another space?`);
    this.makeRoom(cutout);
    const slot = this.size++;
    this.rows.set(row, slot * this.dim);
    this.scales[slot] = scale;
    this.owners[slot] = cutout;
    this.next[slot] = this.first[cutout] as number;
    this.first[cutout] = slot;
    writeSigns(row, this.codes, slot * this.codeWords);
  }

  /** Forget the passages of a cutout; the last ones of all take their places. */
  remove(cutout: number): void {
    while (this.has(cutout)) {
      const slot = this.first[cutout] as number;
      this.first[cutout] = this.next[slot] as number;
      this.move(--this.size, slot);
    }
  }

  private move(from: number, to: number): void {
    if (from === to) return;
    const owner = this.owners[from] as number;
    if (this.first[owner] === from) this.first[owner] = to;
    else {
      let before = this.first[owner] as number;
      while (this.next[before] !== from) before = this.next[before] as number;
      this.next[before] = to;
    }
    for (const [array, width] of [[this.codes, this.codeWords] as const, [this.rows, this.dim] as const])
      array.copyWithin(to * width, from * width, (from + 1) * width);
    for (const array of [this.scales, this.owners, this.next]) array[to] = array[from] as number;
  }

  /** Return the `limit` cutouts nearest to `query`, each by its best passage, scored by their dot product with it. */
  nearest(query: Float32Array, limit: number, allowed: Allowed, candidates = this.candidates): Ranked {
    this.checkQuery(query);
    const slots = this.closest(query, Math.max(limit, candidates), allowed);
    const { owners, seen, best } = this;
    const found = new Int32Array(slots.length); // cutouts, each once
    let count = 0;
    this.queries++;
    for (let place = 0; place < slots.length; place++) {
      const slot = slots[place] as number;
      const owner = owners[slot] as number;
      const score = this.score(query, slot);
      if (seen[owner] !== this.queries) {
        seen[owner] = this.queries;
        best[owner] = score;
        found[count++] = owner;
      } else if (score > (best[owner] as number)) best[owner] = score;
    }
    return highest(found.subarray(0, count), best, limit);
  }

  /** Return the dot product of `query` with the best passage of a cutout, or null when it has none. */
  similarity(query: Float32Array, cutout: number): number | null {
    this.checkQuery(query);
    let best: number | null = null;
    for (let slot = this.first[cutout] ?? -1; slot >= 0; slot = this.next[slot] as number)
      best = Math.max(best ?? Number.NEGATIVE_INFINITY, this.score(query, slot));
    return best;
  }

  /** Return the mean direction of a cutout's passages, or null when it has none. */
  meanOf(cutout: number): Float32Array | null {
    if (!this.has(cutout)) return null;
    const sum = new Float32Array(this.dim);
    for (let slot = this.first[cutout] as number; slot >= 0; slot = this.next[slot] as number) {
      const start = slot * this.dim;
      for (let k = 0; k < this.dim; k++)
        sum[k] = (sum[k] as number) + (this.rows[start + k] as number) * (this.scales[slot] as number);
    }
    const length = Math.hypot(...sum);
    return length === 0 ? null : sum.map((value) => value / length);
  }

  /** Return at most `count` passages whose codes are nearest, those that may not be found left out. */
  private closest(query: Float32Array, count: number, allowed: Allowed): Uint32Array {
    const counts = this.measure(query, allowed); // (LEVELS,): passages at each distance
    let limit = 0;
    let within = 0;
    while (limit < counts.length && within + (counts[limit] as number) <= count) within += counts[limit++] as number;
    const slots = new Uint32Array(Math.min(count, within + (counts[limit] ?? 0)));
    let atLimit = slots.length - within; // of those at the first distance that does not fit whole
    let filled = 0;
    for (let slot = 0; slot < this.size; slot++) {
      const distance = this.distances[slot] as number;
      if (distance < limit || (distance === limit && atLimit-- > 0)) slots[filled++] = slot;
    }
    return slots;
  }

  /** Write the distance of every passage; return how many have each. */
  private measure(query: Float32Array, allowed: Allowed): Uint32Array {
    const { codes, codeWords, distances, owners, size } = this;
    const costs = costsOf(query);
    const counts = new Uint32Array(LEVELS);
    const isFiltered = allowed.isListed || allowed.bits.length > 0;
    let place = 0;
    for (let slot = 0; slot < size; slot++) {
      let row = 0;
      let distance = 0;
      // Four bytes at a time: to read each by itself takes two thirds longer.
      for (const end = place + codeWords; place < end; place++, row += 1024) {
        const word = codes[place] as number;
        distance +=
          (costs[row + (word & 255)] as number) +
          (costs[row + 256 + ((word >>> 8) & 255)] as number) +
          (costs[row + 512 + ((word >>> 16) & 255)] as number) +
          (costs[row + 768 + (word >>> 24)] as number);
      }
      if (isFiltered && !isAllowed(allowed, owners[slot] as number)) distances[slot] = FAR;
      else {
        distances[slot] = distance;
        counts[distance] = (counts[distance] as number) + 1;
      }
    }
    return counts;
  }

  private score(query: Float32Array, slot: number): number {
    const { rows, dim } = this;
    const start = slot * dim;
    let [even, odd] = [0, 0]; // two sums, of which neither waits for the other
    for (let k = 0; k + 1 < dim; k += 2) {
      even += (query[k] as number) * (rows[start + k] as number);
      odd += (query[k + 1] as number) * (rows[start + k + 1] as number);
    }
    if (dim % 2 === 1) even += (query[dim - 1] as number) * (rows[start + dim - 1] as number);
    return (even + odd) * (this.scales[slot] as number);
  }

  private checkQuery(query: Float32Array): void {
    if (query.length !== this.dim)
      throw new RangeError(`a query of ${query.length} numbers, expected ${this.dim}: a vector of another space?`);
  }

  /** Make room for so many passages; what grows by itself is twice in memory meanwhile. */
  reserve(passages: number): void {
    const room = Math.ceil(passages);
    if (room <= this.scales.length) return;
    this.codes = grown(this.codes, new Uint32Array(room * this.codeWords));
    this.rows = grown(this.rows, new Int16Array(room * this.dim));
    this.scales = grown(this.scales, new Float32Array(room));
    this.owners = grown(this.owners, new Int32Array(room));
    this.next = grown(this.next, new Int32Array(room));
    this.distances = new Uint16Array(room);
  }

  private makeRoom(cutout: number): void {
    if (this.size === this.scales.length) this.reserve(Math.max(64, this.size * 1.5));
    if (cutout >= this.first.length) {
      const room = Math.max(64, cutout * 2);
      this.first = grown(this.first, new Int32Array(room).fill(-1));
      this.seen = grown(this.seen, new Uint32Array(room));
      this.best = grown(this.best, new Float32Array(room));
    }
  }
}

/** Return the `limit` cutouts of the highest scores, in order: each takes its place among those kept so far. */
function highest(cutouts: Int32Array, scores: Float32Array, limit: number): Ranked {
  const [ids, kept]: [number[], number[]] = [[], []];
  for (const cutout of cutouts) {
    const score = scores[cutout] as number;
    if (ids.length === limit && score <= (kept[limit - 1] as number)) continue;
    let place = Math.min(ids.length, limit - 1);
    for (; place > 0 && score > (kept[place - 1] as number); place--) {
      ids[place] = ids[place - 1] as number;
      kept[place] = kept[place - 1] as number;
    }
    ids[place] = cutout;
    kept[place] = score;
  }
  return { ids, scores: kept };
}

function grown<Numbers extends Uint8Array | Uint32Array | Int16Array | Float32Array | Int32Array>(
  old: Numbers,
  into: Numbers,
): Numbers {
  into.set(old);
  return into;
}

/** Write one bit per number: whether it is above zero. */
function writeSigns(numbers: ArrayLike<number>, codes: Uint32Array, start: number): void {
  codes.fill(0, start, start + Math.ceil(numbers.length / 32));
  for (let k = 0; k < numbers.length; k++) {
    const place = start + (k >>> 5);
    if ((numbers[k] as number) > 0) codes[place] = (codes[place] as number) | (1 << (k & 31));
  }
}

/**
 * Return for each byte of a code and each of its 256 values what it adds to the distance, (4 codeWords, 256): the sizes
 * of the query's numbers whose sign it has wrong, in whole levels. All of them together stay below LEVELS.
 */
function costsOf(query: Float32Array): Uint16Array {
  const whole = query.reduce((sum, value) => sum + Math.abs(value), 0);
  const levels = whole === 0 ? 0 : (LEVELS - 1) / whole;
  const costs = new Uint16Array(Math.ceil(query.length / 32) * 1024);
  for (let first = 0; first < query.length; first += 8) {
    for (let byte = 0; byte < 256; byte++) {
      let sum = 0;
      for (let bit = 0; bit < 8 && first + bit < query.length; bit++) {
        const value = query[first + bit] as number;
        if (value > 0 !== ((byte >>> bit) & 1) > 0) sum += Math.abs(value);
      }
      costs[first * 32 + byte] = Math.floor(sum * levels * SAFE);
    }
  }
  return costs;
}
const SAFE = 1 - 1e-9; // for sums of float64 whose last digits would reach LEVELS
