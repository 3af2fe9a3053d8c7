import type { Begun, Journal, Outcome } from "@hanok/contract"

interface Entry {
  readonly fingerprint: string
  outcome: Outcome | undefined
  /** Milliseconds since the epoch: without an outcome until when it is leased, with one when it ended. */
  atMs: number
}

/** The most keys remembered; the oldest that have ended are forgotten first. */
const capacity = 100_000

/**
 * A journal that lives as long as its process: what a module has whose needs bring no other.
 * It applies once across repetitions and races in one process, not across replicas or restarts.
 */
export function createMemoryJournal(): Journal {
  const entries = new Map<string, Entry>()

  function begin(key: string, fingerprint: string, leaseMs: number): Begun {
    const entry = entries.get(key)
    if (!entry) {
      entries.set(key, { fingerprint, outcome: undefined, atMs: Date.now() + leaseMs })
      if (entries.size > capacity) makeRoom(entries)
      return { state: "begun" }
    }
    if (entry.fingerprint !== fingerprint) return { state: "reused" }
    if (entry.outcome) return { state: "done", outcome: entry.outcome }
    if (entry.atMs > Date.now()) return { state: "running", leasedUntil: entry.atMs }
    entry.atMs = Date.now() + leaseMs
    return { state: "begun" }
  }

  return {
    begin: async (key, fingerprint, leaseMs) => begin(key, fingerprint, leaseMs),
    async finish(key, outcome) {
      const entry = entries.get(key)
      // The first outcome is the one: another run of the same work, whose lease has run out, may end later.
      if (!entry || entry.outcome) return
      entry.outcome = outcome
      entry.atMs = Date.now()
    },
    async abandon(key) {
      // The fingerprint stays: a key is for one input, whether its work has come to an end or not.
      const entry = entries.get(key)
      if (entry && !entry.outcome) entry.atMs = 0
    },
    async forget(olderThanMs) {
      const before = Date.now() - olderThanMs
      const old = [...entries].filter(([, entry]) => entry.outcome && entry.atMs < before)
      for (const [key] of old) entries.delete(key)
      return old.length
    },
  }
}

// A Map keeps the order of insertion, so the first ones that have ended are the oldest.
function makeRoom(entries: Map<string, Entry>): void {
  for (const [key, entry] of entries) {
    if (!entry.outcome) continue
    entries.delete(key)
    if (entries.size <= capacity) return
  }
}
