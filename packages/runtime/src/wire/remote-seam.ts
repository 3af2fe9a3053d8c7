import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "@hanok/contract"
import type { Logger } from "@hanok/contract"
import type { AddressSource } from "../discovery/address.ts"
import { now } from "../recorder/clock.ts"
import { SeamState } from "../resilience/seam-state.ts"
import { anyReplica } from "../seam/attempt.ts"
import type { Attempt, Attempts, Preference, Receiver } from "../seam/attempt.ts"
import { calledModule } from "../seam/seam.ts"
import type { ReplicatedSeam, SeamCall } from "../seam/seam.ts"
import type { ContractBook } from "./contract-book.ts"
import { refusedAttempt } from "./refused-attempt.ts"
import { Replica } from "./replica.ts"
import { ReplicaSet } from "./replica-set.ts"
import { SentCall } from "./sent-call.ts"
import { WaitingAttempt } from "./waiting-attempt.ts"
import { WireAttempt } from "./wire-attempt.ts"

export interface RemoteSeamOptions {
  /** The service to call. */
  readonly service: string
  /** The service that calls. */
  readonly caller: string
  /** All that the topology knows: who greets as another of them gets no calls. One of a name that nobody knows may be the same, renamed. */
  readonly services: readonly string[]
  readonly addresses: AddressSource
  readonly book: ContractBook
  readonly log: Logger
  /** A fresh token for each connection. */
  token(): Promise<string>
}

/** A seam to another service, and to all replicas of it. */
export interface RemoteSeam extends ReplicatedSeam {
  readonly service: string
  /** Replicas that calls can be sent to now. */
  readonly ready: number
  /** All that are known. */
  readonly replicas: readonly Replica[]
  /** What is remembered of each module's calls to each contract. */
  readonly states: readonly SeamState[]
  /** Lets calls under way end for `graceMs`, then cuts the connections. */
  close(options: { readonly graceMs: number }): Promise<void>
}

/** How long a call waits for a replica when none can be reached, at most. */
const longestWaitMs = 2_000
const mostWaiting = 1_000
/** Beyond that callers are forgotten whose calls were passed on only: there is no end to the names that programs give themselves. */
const mostStates = 1_000

/**
 * Spreads calls over the replicas of a service: of two taken at random the one with the smaller product of latency and
 * load gets the call (the power of two choices). A call finds no replica: it waits a little, then is `UNAVAILABLE`.
 */
export function createRemoteSeam(options: RemoteSeamOptions): RemoteSeam {
  return new Replicas(options)
}

class Replicas implements RemoteSeam, Attempts {
  readonly service: string
  readonly #options: RemoteSeamOptions
  readonly #set: ReplicaSet
  readonly #states = new Map<string, SeamState>()
  readonly #waiting = new Set<WaitingAttempt>()
  /** Known no more, but calls to them may be under way. */
  #leaving: readonly Replica[] = []
  readonly #stopWatching: () => void
  #closed = false

  constructor(options: RemoteSeamOptions) {
    this.service = options.service
    this.#options = options
    this.#set = new ReplicaSet(options.service, options.log)
    this.#stopWatching = options.addresses.onChange(() => this.#update())
    this.#update()
  }

  get attempts(): Attempts {
    return this
  }

  get ready(): number {
    return this.#set.ready.length
  }

  get replicas(): readonly Replica[] {
    return this.#set.all
  }

  get states(): readonly SeamState[] {
    return [...this.#states.values()]
  }

  stateOf(caller: string, contract: string): SeamState {
    const name = `${caller} ${contract}`
    let state = this.#states.get(name)
    if (state) return state
    if (this.#states.size >= mostStates) this.#forgetPassedOn()
    this.#states.set(name, (state = new SeamState(caller, contract, now())))
    return state
  }

  send(call: SeamCall): SentCall {
    const state = this.stateOf(call.caller, call.contract)
    state.calls += 1
    if (call.passedOn === true) state.passedOn += 1
    return new SentCall(state, (receiver) => this.begin(call, state, anyReplica, receiver, now()))
  }

  begin(call: SeamCall, state: SeamState, preference: Preference, receiver: Receiver, nowMs: number): Attempt {
    if (this.#closed) return refusedAttempt(new Fault("UNAVAILABLE", "This service is stopping."), receiver)
    const begun = this.#tryToBegin(call, state, preference, receiver, nowMs)
    if (begun instanceof Fault) return refusedAttempt(begun, receiver, begun.code === "UNAVAILABLE" ? "open" : "closed")
    return begun ?? this.#wait(call, state, preference, receiver)
  }

  hasOther(state: SeamState, replica: string | undefined): boolean {
    return this.#set.hasOther(state, replica, now())
  }

  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#closed = true
    this.#stopWatching()
    const replicas = [...this.#set.all, ...this.#leaving]
    for (const replica of replicas) replica.close()
    const until = now() + graceMs
    while (replicas.some((replica) => !replica.isIdle) && now() < until) await sleep(10)
    for (const replica of replicas) replica.destroy()
    for (const attempt of this.#waiting) attempt.giveUp(new Fault("UNAVAILABLE", "This service is stopping; the call was not sent."))
  }

  #tryToBegin(call: SeamCall, state: SeamState, preference: Preference, receiver: Receiver, nowMs: number): Attempt | Fault | undefined {
    const replica = this.#set.choose(call, state, preference, nowMs)
    const connection = replica?.connection
    if (replica && connection) {
      const attempt = new WireAttempt(call, replica, connection, state, receiver, nowMs)
      connection.send(attempt)
      return attempt
    }
    const fault = this.#set.whyNone(call)
    if (fault?.code === "UNAVAILABLE") state.stoppedByBreaker += 1
    return fault
  }

  #wait(call: SeamCall, state: SeamState, preference: Preference, receiver: Receiver): Attempt {
    if (!this.#set.isAwaited || this.#waiting.size >= mostWaiting) return refusedAttempt(this.#unreachable(call), receiver)
    state.waited += 1
    return new WaitingAttempt({
      call,
      receiver,
      waiting: this.#waiting,
      waitMs: longestWaitMs,
      begin: (late, itself) =>
        this.#tryToBegin(late, state, preference, itself, now()) ?? (this.#set.isAwaited ? undefined : this.#unreachable(call)),
      unreachable: () => this.#unreachable(call),
    })
  }

  #update(): void {
    const { addresses } = this.#options
    const gone = this.#set.update(
      addresses.current(),
      (address) => new Replica({ ...this.#options, address, onChange: (replica) => this.#changed(replica) }),
    )
    for (const { name } of gone) this.#forget(name)
    this.#leaving = [...this.#leaving, ...gone].filter(({ isOpen }) => isOpen)
  }

  #changed(replica: Replica): void {
    this.#set.refresh()
    if (!replica.connection || replica.isLeaving) return
    this.#forget(replica.name)
    for (const attempt of this.#waiting) attempt.tryAgain()
  }

  // It is another process, or well again.
  #forget(replica: string): void {
    for (const state of this.#states.values()) state.forget(replica)
  }

  #forgetPassedOn(): void {
    for (const [name, { calls, passedOn }] of this.#states) if (calls > 0 && calls === passedOn) this.#states.delete(name)
  }

  #unreachable(call: SeamCall): Fault {
    const misfit = this.#set.misfit(call)
    if (misfit) return misfit
    const needed = call.passedOn === true ? `${this.service} that has ${calledModule(call)}` : this.service
    return new Fault("UNAVAILABLE", `No replica of ${needed} can be reached; the call was not sent.`)
  }
}
