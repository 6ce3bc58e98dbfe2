/** Numbers go in, what a person reads comes out. */

/** Return bytes as kB or MB, as download sizes are written. */
export function bytes(count: number): string {
  return count < 1_000_000
    ? `${Math.max(1, Math.round(count / 1000))}\u00a0kB`
    : `${(count / 1_000_000).toFixed(1)}\u00a0MB`;
}

/** Return a share as a whole percentage that never rounds a doubt away. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return "<\u00a01\u00a0%";
  if (share < 1 && share >= 0.995) return ">\u00a099\u00a0%";
  return `${Math.round(share * 100)}\u00a0%`;
}

/** Return milliseconds; clocks in browsers tell no less than 0.1. */
export function milliseconds(time: number): string {
  if (time < 0.1) return "<\u00a00.1\u00a0ms";
  return time < 10 ? `${time.toFixed(1)}\u00a0ms` : `${Math.round(time)}\u00a0ms`;
}
