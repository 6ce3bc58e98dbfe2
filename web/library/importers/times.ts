/** A moment as some app wrote it goes in, milliseconds since 1970 come out, or null for what is none. */

const LATEST = Date.UTC(2100, 0);
/** What is earlier is a counter, a year or a zero: the web was young in 1990. */
const EARLIEST = Date.UTC(1990, 0);
const MS_FROM_1601_TO_1970 = 11_644_473_600_000;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const NUMBER = /^\d{1,20}(?:\.\d{1,9})?$/;
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|UTC|GMT|[+-]\d\d:?\d\d)?)?$/i;
// RFC 822, as feeds write it: Tue, 10 Jun 2003 04:00:00 GMT.
const RFC_822 = /^(?:[a-z]{3}, ?)?(\d{1,2}) ([a-z]{3}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))? ?(Z|UTC|GMT|[+-]\d{4})?$/i;
// As web servers log it: 10/Oct/2000:13:55:36 +0300.
const LOG = /^(\d{1,2})\/([a-z]{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ?(Z|UTC|GMT|[+-]\d{4})?$/i;

/** Return milliseconds since 1970; a moment without a zone is taken as UTC. */
export function readTime(value: unknown): number | null {
  if (typeof value === "number") return fromNumber(value);
  if (typeof value !== "string" || value.length > 64) return null;
  const text = value.trim();
  if (NUMBER.test(text)) return fromNumber(Number(text));
  const iso = ISO.exec(text);
  if (iso) {
    const [, year, month, day, hour, minute, second, fraction, zone] = iso;
    return moment([year, Number(month) - 1, day, hour, minute, second], fraction, zone);
  }
  const named = RFC_822.exec(text) ?? LOG.exec(text);
  if (!named) return null;
  const [, day, month = "", year, hour, minute, second, zone] = named;
  return moment([year, MONTHS.indexOf(month.toLowerCase()), day, hour, minute, second], undefined, zone);
}

/** Tell units apart by size: between 1990 and 2100 their ranges do not meet. */
function fromNumber(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  const units = [
    value * 1e3, // seconds: 6e8 to 4e9
    value, // milliseconds: 6e11 to 4e12
    value / 1e3, // microseconds: 6e14 to 4e15
    value / 1e3 - MS_FROM_1601_TO_1970, // microseconds since 1601, as Chrome counts: 1.2e16 to 1.6e16
    value / 1e6, // nanoseconds: 6e17 to 4e18
  ];
  const found = units.find((ms) => ms >= EARLIEST && ms < LATEST);
  return found === undefined ? null : Math.floor(found);
}

type Part = string | number | undefined;

function moment(parts: readonly Part[], fraction: string | undefined, zone: string | undefined): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0));
  const midnight = new Date(Date.UTC(year, month, day));
  // The 31st of June would silently be the 1st of July.
  if (month < 0 || midnight.getUTCMonth() !== month || midnight.getUTCDate() !== day) return null;
  if (hour > 24 || minute > 59 || second > 60) return null;
  const ms = Math.floor(Number(`0.${fraction ?? "0"}`) * 1e3);
  const utc = midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1e3 + ms - offsetMs(zone);
  return utc >= EARLIEST && utc < LATEST ? utc : null;
}

function offsetMs(zone: string | undefined): number {
  const found = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? "");
  if (!found) return 0;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return (found[1] === "-" ? -minutes : minutes) * 60_000;
}
