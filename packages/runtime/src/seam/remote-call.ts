import { Fault, isFault, isRefusal } from "@hanok/contract"
import type { Operation, Priority } from "@hanok/contract"
import type { CallContext } from "../context/call-context.ts"
import type { Scope, Waiter } from "../context/scope.ts"
import { messageOf } from "../error-text.ts"
import { now } from "../recorder/clock.ts"
import { fullJitterMs } from "../resilience/backoff.ts"
import { hashOf } from "../resilience/rendezvous.ts"
import { asFromFurtherIn, isRepeatable, isWorthRepeating } from "../resilience/retry-rule.ts"
import type { SeamState } from "../resilience/seam-state.ts"
import { anyReplica, outrun } from "./attempt.ts"
import type { Attempt, Attempts, Preference, Receiver } from "./attempt.ts"
import type { Outgoing } from "./outgoing.ts"
import { targetText } from "./seam.ts"
import type { ReplicatedSeam } from "./seam.ts"

/** Before a call is sent again. */
const pauses = { firstMs: 20, longestMs: 1_000 }

/** An operation elsewhere, as one caller sees it. */
export interface RemoteTarget {
  readonly caller: string
  readonly operation: Operation
  readonly outgoing: Outgoing
  readonly attempts: Attempts
  readonly state: SeamState
  /** See `SeamCall`. */
  readonly wantsJson: boolean
  /** See `targetText`. */
  readonly names: Readonly<Record<Priority, string>>
}

export function createRemoteTarget(
  { attempts }: ReplicatedSeam,
  caller: string,
  named: { readonly contract: string; readonly operation: string },
  operation: Operation,
  outgoing: Outgoing,
  wantsJson = false,
): RemoteTarget {
  const { contract } = named
  const nameOf = (priority: Priority) =>
    targetText({ caller, contract, operation: named.operation, subscriber: undefined, priority, wantsJson })
  const names = { low: nameOf("low"), normal: nameOf("normal"), high: nameOf("high") }
  return { caller, operation, outgoing, attempts, state: attempts.stateOf(caller, contract), wantsJson, names }
}

/**
 * Sends a call to where its module lives; settles at the latest when the context's scope ends, and then ends the context's span.
 * What may be repeated is: see `docs/concepts/resilience.md`.
 */
export function sendRemote(target: RemoteTarget, input: unknown, context: CallContext): Promise<unknown> {
  const { stopped } = context
  if (stopped) return refuseToStart(context, stopped)
  try {
    const outgoing = target.outgoing(input)
    return new Promise((resolve, reject) => new RemoteCall(target, outgoing, context, resolve, reject).begin())
  } catch (error) {
    return refuseToStart(context, error)
  }
}

/** One call under way, with all its attempts: it settles once, and then ends its span. */
class RemoteCall implements Waiter, Receiver {
  readonly #target: RemoteTarget
  readonly #input: unknown
  readonly #context: CallContext
  readonly #resolve: (output: unknown) => void
  readonly #reject: (error: unknown) => void
  waitsIn: Scope | undefined = undefined
  previousWaiter: Waiter | undefined = undefined
  nextWaiter: Waiter | undefined = undefined
  #settled = false
  #retries = 0
  /** The attempt under way, or the last one; undefined before the first. */
  #attempt: Attempt | undefined = undefined
  /** The second of two. */
  #hedge: Attempt | undefined = undefined
  /** Both of them are under way. */
  #isHedging = false
  #wasOverBudget = false
  #timer: NodeJS.Timeout | undefined = undefined

  constructor(
    target: RemoteTarget,
    input: unknown,
    context: CallContext,
    resolve: (output: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#target = target
    this.#input = input
    this.#context = context
    this.#resolve = resolve
    this.#reject = reject
  }

  begin(): void {
    const { state, operation } = this.#target
    state.calls += 1
    state.budget.earn()
    this.#context.scope.add(this)
    const preference = operation.affinity === undefined ? anyReplica : this.#preference(undefined)
    // It was a moment ago; the clock need not be read again.
    this.#attempt = this.#send(preference, this.#context.startMs)
    if (operation.hedgeAfterMs !== undefined) this.#timer = setTimeout(() => this.#sendHedge(), operation.hedgeAfterMs)
  }

  succeeded(output: unknown, attempt: Attempt): void {
    if (this.#settled) return
    if (this.#isHedging) this.#endHedging(attempt)
    this.#settle(undefined, attempt)
    this.#resolve(output)
  }

  failed(error: unknown, attempt: Attempt): void {
    if (this.#settled || this.#leavesOther(error, attempt)) return
    clearTimeout(this.#timer)
    const waitMs = this.#retryInMs(error, attempt)
    if (waitMs === undefined) {
      this.#settle(error, attempt)
      this.#reject(isFault(error) ? asFromFurtherIn(error) : error)
    } else {
      this.#tellOf(error, attempt)
      this.#timer = setTimeout(() => this.#sendAgain(attempt), waitMs)
    }
  }

  stop(fault: Fault): void {
    this.#attempt?.cancel(fault)
    this.#hedge?.cancel(fault)
    this.#settle(fault, this.#attempt)
    this.#reject(fault)
  }

  #send(preference: Preference, nowMs: number): Attempt {
    const { caller, attempts, state, wantsJson, names, operation } = this.#target
    const { scope, origin, ids, idempotencyKey } = this.#context
    const { identity, priority = operation.priority } = this.#context.request
    return attempts.begin(
      {
        caller,
        kind: "call",
        contract: origin.contract,
        operation: origin.operation,
        subscriber: undefined,
        input: this.#input,
        remainingMs: Math.max(1, scope.deadlineAt - nowMs),
        trace: ids,
        identity,
        idempotencyKey,
        priority,
        wantsJson,
        target: names[priority],
      },
      state,
      preference,
      this,
      nowMs,
    )
  }

  #preference(avoid: string | undefined): Preference {
    const { affinity } = this.#target.operation
    if (affinity === undefined) return { avoid, keyHash: undefined }
    // The operation's schema says that the input is an object with this field; the callee checks it.
    const key = keyTextOf((this.#input as Readonly<Record<string, unknown>> | undefined)?.[affinity])
    return { avoid, keyHash: key === undefined ? undefined : hashOf(key) }
  }

  #retryInMs(error: unknown, { replica, wasSent }: Attempt): number | undefined {
    const { operation, attempts, state } = this.#target
    const { scope, idempotencyKey } = this.#context
    if (!wasSent || !isWorthRepeating(error) || !isRepeatable(operation, idempotencyKey)) return undefined
    if (this.#retries >= operation.retries) return undefined
    const askedMs = error.retryAfterMs === undefined || attempts.hasOther(state, replica) ? 0 : error.retryAfterMs
    const waitMs = askedMs + fullJitterMs(pauses, this.#retries)
    return waitMs >= scope.remainingMs || !this.#afford() ? undefined : waitMs
  }

  #sendAgain({ replica }: Attempt): void {
    const nowMs = now()
    if (this.#isTooLate(nowMs)) return
    this.#retries += 1
    this.#target.state.retries += 1
    this.#attempt = this.#send(this.#preference(replica), nowMs)
  }

  // Where the processor was busy beyond the deadline, a timer before it comes late, and before the one that ends the scope.
  #isTooLate(nowMs: number): boolean {
    const { scope } = this.#context
    if (nowMs < scope.deadlineAt) return false
    scope.expire()
    return true
  }

  #sendHedge(): void {
    const { attempts, state } = this.#target
    const first = this.#attempt
    const nowMs = now()
    if (!first || this.#isTooLate(nowMs) || !attempts.hasOther(state, first.replica) || !this.#afford()) return
    state.hedges += 1
    this.#isHedging = true
    this.#hedge = this.#send(this.#preference(first.replica), nowMs)
  }

  #afford(): boolean {
    const { state } = this.#target
    if (state.budget.take(now())) return true
    state.overBudget += 1
    this.#wasOverBudget = true
    return false
  }

  /** Of two attempts under way one has failed: the other goes on alone. A refusal is an answer, and the first one counts. */
  #leavesOther(error: unknown, failed: Attempt): boolean {
    if (!this.#isHedging) return false
    if (isRefusal(error)) {
      this.#endHedging(failed)
      return false
    }
    if (failed !== this.#hedge) this.#attempt = this.#hedge
    this.#isHedging = false
    this.#tellOf(error, failed)
    return true
  }

  // The span ends as the last attempt did. What one before it has cost, and where, is told of that moment.
  #tellOf(error: unknown, { replica }: Attempt): void {
    this.#context.addEvent("hanok.attempt_failed", {
      ...(isFault(error) ? { "error.type": error.code } : {}),
      "error.message": messageOf(error),
      ...(replica === undefined ? {} : { "hanok.replica": replica }),
    })
  }

  #endHedging(winner: Attempt): void {
    if (winner === this.#hedge) this.#attempt?.cancel(outrun)
    else this.#hedge?.cancel(hedgeLost)
  }

  #settle(error: unknown, attempt: Attempt | undefined): void {
    this.#settled = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#target.state.ended(error)
    const { waitedMs } = attempt ?? {}
    const hasKey = this.#target.operation.affinity !== undefined
    if (hasKey || this.#retries > 0 || this.#hedge || this.#wasOverBudget || waitedMs !== undefined || isFault(error))
      this.#describe(error, attempt)
    this.#context.scope.delete(this)
    this.#context.end(error)
  }

  // Only where something was out of the ordinary, or a key has chosen: which process answered is in the callee's own span.
  #describe(error: unknown, attempt: Attempt | undefined): void {
    const attempts = 1 + this.#retries + (this.#hedge ? 1 : 0)
    if (attempts > 1) this.#context.setAttribute("hanok.attempts", attempts)
    if (this.#hedge) this.#describeHedge(attempt === this.#hedge && !isFault(error))
    if (this.#wasOverBudget) this.#context.setAttribute("hanok.over_budget", true)
    if (attempt?.waitedMs !== undefined) this.#context.setAttribute("hanok.replica_wait_ms", attempt.waitedMs)
    if (attempt?.replica !== undefined) this.#context.setAttribute("hanok.replica", attempt.replica)
    if (attempt && attempt.breaker !== "closed") this.#context.setAttribute("hanok.breaker", attempt.breaker)
    if (isFault(error, "OVERLOADED")) this.#context.setAttribute("hanok.shed", true)
  }

  #describeHedge(won: boolean): void {
    if (won) this.#target.state.hedgesWon += 1
    this.#context.setAttribute("hanok.hedged", won ? "won" : "lost")
  }
}

/** Equal for equal values. What JSON cannot carry has none: it is not sent either. */
function keyTextOf(value: unknown): string | undefined {
  if (value === undefined || typeof value === "string") return value
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

const hedgeLost = new Fault("CANCELLED", "Another replica answered first.")

// What is no fault was thrown by the input itself as it was read, where a callee in this process would have met it.
function refuseToStart(context: CallContext, error: unknown): Promise<never> {
  const out = isFault(error) ? error : new Fault("INTERNAL", `${context.origin.contract}.${context.origin.operation} failed.`)
  if (out !== error) context.failed(out, error)
  context.end(out)
  return Promise.reject(out)
}
