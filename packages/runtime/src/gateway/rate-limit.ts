import { RecentMap } from "../auth/recent-map.ts"

interface Bucket {
  tokens: number
  filledAt: number
}

/** What a client has left after it asked. */
export interface Allowance {
  /** 0 when the request may go on; else how long until it is worth another try, in milliseconds. */
  readonly waitMs: number
  /** Requests that would be let through at once now. */
  readonly remaining: number
}

export interface RateLimit {
  readonly perSecond: number
  /** The most that one client may ask at once. */
  readonly burst: number
  /** An idle client's bucket is full again after this time. */
  readonly refillMs: number
  /** Takes one request from the client's allowance. `now` in milliseconds, of any steady clock. */
  take(client: string, now: number): Allowance
}

/** A burst is what comes in that time; it is one request at least. */
const burstMs = 2_000
const mostClients = 10_000
/** What sums of fractions may be off, in tokens and in milliseconds. */
const rounding = 1e-6

/**
 * A token bucket for each client: `perSecond` on average, twice that in a burst. It remembers at most 20 000 clients;
 * with more than that in the time in which a bucket fills, those not seen lately begin anew.
 */
export function createRateLimit(perSecond: number): RateLimit {
  const burst = Math.max(1, perSecond * (burstMs / 1000))
  // What is full again can be forgotten, which changes nothing.
  const refillMs = (burst / perSecond) * 1000
  const buckets = new RecentMap<string, Bucket>(mostClients)
  let rotatedAt = 0

  function bucketOf(client: string, now: number): Bucket {
    if (now - rotatedAt > refillMs) {
      buckets.rotate()
      rotatedAt = now
    }
    const known = buckets.get(client)
    if (known) return known
    const bucket = { tokens: burst, filledAt: now }
    buckets.set(client, bucket)
    return bucket
  }

  return {
    perSecond,
    burst,
    refillMs,
    take(client, now) {
      const bucket = bucketOf(client, now)
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond)
      bucket.filledAt = now
      const missing = 1 - bucket.tokens
      if (missing > rounding) return { waitMs: Math.max(1, Math.ceil((missing / perSecond) * 1000 - rounding)), remaining: 0 }
      bucket.tokens = Math.max(0, bucket.tokens - 1)
      return { waitMs: 0, remaining: Math.floor(bucket.tokens) }
    },
  }
}

/**
 * Who counts as one client: an IPv4 address, or the /64 network of an IPv6 address,
 * since whoever has one address of such a network has all of them.
 */
export function clientOf(address: string): string {
  if (!address.includes(":")) return address
  if (address.startsWith("::ffff:")) return address.slice(7)
  const [head = "", tail] = address.split("::")
  const groups = head === "" ? [] : head.split(":")
  if (tail === undefined) return groups.slice(0, 4).join(":")
  const missing = 8 - groups.length - (tail === "" ? 0 : tail.split(":").length)
  const whole = [...groups, ...Array<string>(Math.max(0, missing)).fill("0"), ...tail.split(":")]
  return whole.slice(0, 4).join(":")
}
