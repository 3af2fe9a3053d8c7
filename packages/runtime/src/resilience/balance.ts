import type { ReplicaHealth } from "./replica-health.ts"
import { wish } from "./rendezvous.ts"

/** A replica that a call could go to. */
export interface Candidate {
  /** Calls under way to it from this process. */
  readonly load: number
  /** How long nothing has been heard from it while something was asked, in milliseconds. */
  readonly silentMs: number
  readonly health: ReplicaHealth
  readonly hash: number
}

const leastMs = 0.05

/**
 * The better of two taken at random: where latency times load is smaller, and times the tries that an answer takes: a replica that
 * fails at once has no load, and would draw nearly all calls. That is close to choosing the best of all, without
 * all callers running to the same one ("the power of two choices": Mitzenmacher, 2001). `random` gives numbers from 0 to 1.
 */
export function chooseOfTwo<C extends Candidate>(
  candidates: readonly C[],
  nowMs: number,
  random: () => number = Math.random,
): C | undefined {
  const { length } = candidates
  if (length <= 1) return candidates[0]
  const first = Math.floor(random() * length)
  const a = candidates[first]
  const b = candidates[(first + 1 + Math.floor(random() * (length - 1))) % length]
  return a && b && isBetter(b, a, nowMs) ? b : a
}

/** The candidate that keys of this hash go to as long as it is among them. */
export function chooseByKey<C extends Candidate>(candidates: readonly C[], keyHash: number): C | undefined {
  let best: C | undefined
  let most = -1
  for (const candidate of candidates) {
    const its = wish(keyHash, candidate.hash)
    if (its <= most) continue
    most = its
    best = candidate
  }
  return best
}

function isBetter(one: Candidate, other: Candidate, nowMs: number): boolean {
  const [oneMs, otherMs] = [one.health.latency.current(nowMs), other.health.latency.current(nowMs)]
  // A replica of which nothing is known yet is taken to be like the other one, not to be the fastest of all.
  return costOf(one, oneMs || otherMs, nowMs) < costOf(other, otherMs || oneMs, nowMs)
}

/** Something asked and not heard of for so long counts as latency, before the reply is there to measure. */
function costOf(candidate: Candidate, latencyMs: number, nowMs: number): number {
  const { load, silentMs, health } = candidate
  return (Math.max(latencyMs, silentMs, leastMs) * (load + 1) * health.triesPerAnswer(nowMs)) / health.warmth(nowMs)
}
