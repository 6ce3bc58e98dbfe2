/** Numbers go in, what a person reads comes out. */

/** Return bytes as kB or MB, as download sizes are written. */
export function bytes(count: number): string {
  return count < 1_000_000 ? `${Math.max(1, Math.round(count / 1000))} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

/** Return a share as a whole percentage that never rounds a doubt away. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return "< 1 %";
  if (share < 1 && share >= 0.995) return "> 99 %";
  return `${Math.round(share * 100)} %`;
}

/** Return milliseconds; clocks in browsers tell no less than 0.1. */
export function milliseconds(time: number): string {
  if (time < 0.1) return "< 0.1 ms";
  return time < 10 ? `${time.toFixed(1)} ms` : `${Math.round(time)} ms`;
}
