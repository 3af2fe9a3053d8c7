import type { Begun, Journal, Outcome } from "@hanok/contract"
import { Remembered } from "./remembered.ts"

interface Entry {
  readonly fingerprint: string
  /** As JSON: one object, however much is in it. */
  readonly outcome: string | undefined
  /** Milliseconds since the epoch: without an outcome until when it is leased, with one when it ended. */
  readonly atMs: number
}

/** The most keys remembered, or fewer of large answers; the oldest that have ended, or whose lease has, are forgotten first. */
const capacity = 100_000

/**
 * A journal that lives as long as its process: what a module has whose needs bring no other.
 * It applies once across repetitions and races in one process, not across replicas or restarts, and as long as it remembers a key: the
 * last 100 000, or those whose answers have 64 million characters altogether.
 */
export function createMemoryJournal(): Journal {
  const entries = new Remembered<Entry>({
    capacity,
    lengthOf: ({ outcome = "" }) => outcome.length,
    mayGo: ({ outcome, atMs }) => outcome !== undefined || atMs <= Date.now(),
  })

  function begin(key: string, fingerprint: string, leaseMs: number): Begun {
    const entry = entries.get(key)
    if (!entry) {
      entries.set(key, { fingerprint, outcome: undefined, atMs: Date.now() + leaseMs })
      return { state: "begun" }
    }
    if (entry.fingerprint !== fingerprint) return { state: "reused" }
    if (entry.outcome) return { state: "done", outcome: JSON.parse(entry.outcome) as Outcome }
    if (entry.atMs > Date.now()) return { state: "running", leasedUntil: entry.atMs }
    entries.set(key, { ...entry, atMs: Date.now() + leaseMs })
    return { state: "begun" }
  }

  return {
    isOfProcess: true,
    begin: async (key, fingerprint, leaseMs) => begin(key, fingerprint, leaseMs),
    async finish(key, outcome) {
      const entry = entries.get(key)
      // The first outcome is the one: another run of the same work, whose lease has run out, may end later.
      if (!entry || entry.outcome) return
      entries.set(key, { ...entry, outcome: JSON.stringify(outcome), atMs: Date.now() })
    },
    async abandon(key) {
      // The fingerprint stays: a key is for one input, whether its work has come to an end or not.
      const entry = entries.get(key)
      if (entry && !entry.outcome) entries.set(key, { ...entry, atMs: Date.now() })
    },
    async forget(olderThanMs) {
      const before = Date.now() - olderThanMs
      const old = [...entries].filter(([, { atMs }]) => atMs < before)
      for (const [key] of old) entries.delete(key)
      return old.length
    },
  }
}
