import { setTimeout as sleep } from "node:timers/promises"
import { Fault, isFault, isRefusal, Refusal } from "@hanok/contract"
import type { Journal, Json, Outcome } from "@hanok/contract"
import type { CallContext } from "../context/call-context.ts"
import type { Scope } from "../context/scope.ts"
import { now } from "../recorder/clock.ts"

/**
 * How long one run of a keyed command keeps others with the same key waiting. It may be short: a run that outlives
 * its lease cannot apply anything twice, since each of its transactions is recorded under the key (see `Store.transaction`).
 */
const leaseMs = 3_000
const longestPauseMs = 250

export interface KeyedWork {
  readonly contract: string
  readonly operation: string
  readonly key: string
  /** Identifies the input; see `Fingerprint`. */
  readonly fingerprint: string
  readonly scope: Scope
  /** Below which the journal's own work is shown; a job has none yet when it begins. */
  readonly context?: CallContext
  run(): Promise<unknown>
  /** What the caller is to see of an outcome that was kept, maybe by another version of the code; the same when not given. */
  asDeclared?(kept: Outcome): Outcome
}

/** What a module does under keys: each of it once. */
export class OncePerKey {
  readonly journal: Journal
  /** Work that came again after it was done, and was not done again. */
  repeated = 0

  constructor(journal: Journal) {
    this.journal = journal
  }

  /** Carries the work out once for its key: a repetition waits for the first to end, and gets the first one's answer. */
  async run(work: KeyedWork): Promise<unknown> {
    for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      if (work.scope.ended) throw work.scope.ended
      const leasedUntilMs = now() + leaseMs
      const begun = await this.journal.begin(work.key, work.fingerprint, leaseMs, work.context)
      if (begun.state === "begun") return carryOut(this.journal, work, leasedUntilMs)
      if (begun.state === "done") return this.#answerAgain(work, begun.outcome)
      if (begun.state === "reused") throw reused(work)
      const leftMs = begun.leasedUntil - Date.now()
      // By a clock that is ahead of the journal's the lease is over, and still it runs.
      await sleep(leftMs > 0 ? Math.min(pauseMs, leftMs) : pauseMs, undefined, { ref: false })
    }
  }

  /**
   * Carries the work out if nobody has begun it, or whoever has is gone for all the time it may take; otherwise does nothing.
   * Resolves to whether it is done.
   */
  async runOrLeave(work: KeyedWork, longestMs: number): Promise<boolean> {
    const leasedUntilMs = now() + longestMs
    const { state } = await this.journal.begin(work.key, work.fingerprint, longestMs, work.context)
    if (state === "begun") await carryOut(this.journal, work, leasedUntilMs)
    return state !== "running"
  }

  #answerAgain(work: KeyedWork, outcome: Outcome): unknown {
    this.repeated += 1
    work.context?.setAttribute("hanok.repeated", true)
    return answerOf(work, work.asDeclared?.(outcome) ?? outcome)
  }
}

async function carryOut(journal: Journal, work: KeyedWork, leasedUntilMs: number): Promise<unknown> {
  let own: Outcome
  try {
    // Asking the journal may have taken all the time there was.
    if (work.scope.ended) throw work.scope.ended
    own = await outcomeOf(work)
    await journal.finish(work.key, own, work.context)
  } catch (error) {
    await abandon(journal, work)
    throw error
  }
  // Whose lease has run out may have been overtaken: the first answer is the one, whatever this run has found.
  const kept = now() < leasedUntilMs ? undefined : await journal.begin(work.key, work.fingerprint, leaseMs, work.context)
  if (kept?.state !== "done") return answerOf(work, own)
  return answerOf(work, work.asDeclared?.(kept.outcome) ?? kept.outcome)
}

async function outcomeOf(work: KeyedWork): Promise<Outcome> {
  try {
    // Handlers of a contract return JSON, or nothing where their schema lets them; a reaction or a job returns nothing.
    return { kind: "output", output: (await work.run()) as Json | undefined }
  } catch (error) {
    // One of another operation is no answer of this work: a reaction, or a job, has let it through.
    if (!isRefusal(error) || error.contract !== work.contract || error.operation !== work.operation) throw error
    return { kind: "refusal", code: error.code, details: error.details as Json }
  }
}

function answerOf({ contract, operation }: KeyedWork, outcome: Outcome): unknown {
  if (outcome.kind === "output") return outcome.output
  throw new Refusal(contract, operation, outcome.code, outcome.details)
}

// The fault that stopped the work matters more than one of giving the lease back, which then simply runs out.
async function abandon(journal: Journal, { key, context }: KeyedWork): Promise<void> {
  await journal.abandon(key, context).catch((error: unknown) => {
    if (!isFault(error)) throw error
  })
}

function reused(work: KeyedWork): Fault {
  return new Fault(
    "IDEMPOTENCY_KEY_REUSED",
    `The idempotency key was used before for another input of ${work.contract}.${work.operation}; nothing was carried out.`,
  )
}
