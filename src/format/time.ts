/** Times in seconds since the epoch as texts, in UTC. They come from lock files and archives, so that any number may come. */
import { FormatError } from "./format-error.ts";

/** The last second that JavaScript's dates know (year 275760). */
const last = 8_640_000_000_000n;

/** @throws FormatError for a time that no calendar has */
function parts(seconds: bigint): { date: string[]; time: string[] } {
  if (seconds < 0n || seconds > last) throw new FormatError(`the time ${seconds} is out of range`);
  const date = new Date(Number(seconds) * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return {
    date: [String(date.getUTCFullYear()), two(date.getUTCMonth() + 1), two(date.getUTCDate())],
    time: [two(date.getUTCHours()), two(date.getUTCMinutes()), two(date.getUTCSeconds())],
  };
}

/** `20260131120000`. @throws FormatError */
export function compactTime(seconds: bigint): string {
  const { date, time } = parts(seconds);
  return [...date, ...time].join("");
}

/** `2026-01-31`. @throws FormatError */
export function dateOnly(seconds: bigint): string {
  return parts(seconds).date.join("-");
}

/** `2026-01-31 12:00:00`. @throws FormatError */
export function dateAndTime(seconds: bigint): string {
  const { date, time } = parts(seconds);
  return `${date.join("-")} ${time.join(":")}`;
}
