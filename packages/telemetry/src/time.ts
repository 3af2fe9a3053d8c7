/** ISO 8601 to the nanosecond, such as 2026-01-31T12:00:00.123456789Z; text order is time order. */
export function timeOf(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, "0")}Z`
}

/** `Date.parse` takes any text with a number in it; the group is the fraction of a second. */
const pattern = /^(?:[+-]\d\d)?\d{4}(?:-\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.(\d+))?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?$/i

/** Nanoseconds since the epoch, of a time in ISO 8601. Throws a `RangeError` on what is none. */
export function nanosecondsOf(time: string): bigint {
  const found = pattern.exec(time)
  const wholeMs = found ? Date.parse(time.replace(/\.\d+/, "")) : NaN
  if (Number.isNaN(wholeMs)) throw new RangeError(`"${time}" is no time in ISO 8601, such as ${timeOf(0n)}.`)
  return BigInt(wholeMs) * 1_000_000n + BigInt((found?.[1] ?? "").slice(0, 9).padEnd(9, "0"))
}
