import { Fault } from "@hanok/contract"
import type { Logger } from "@hanok/contract"
import type { Address } from "../discovery/address.ts"
import { addressText } from "../discovery/address.ts"
import { now } from "../recorder/clock.ts"
import { chooseByKey, chooseOfTwo } from "../resilience/balance.ts"
import { outliersOf } from "../resilience/outliers.ts"
import type { SeamState } from "../resilience/seam-state.ts"
import type { Preference } from "../seam/attempt.ts"
import { calledModule } from "../seam/seam.ts"
import type { SeamCall } from "../seam/seam.ts"
import type { Replica } from "./replica.ts"

const judgeEveryMs = 1_000
/** No longer than a restart takes. */
const awaitedMs = 2_000

/** The replicas of one service, and which of them a call goes to. */
export class ReplicaSet {
  readonly #service: string
  readonly #log: Logger
  readonly #replicas = new Map<string, Replica>()
  #ready: readonly Replica[] = []
  /** Since when none is ready; the first one is awaited for ever. */
  #desertedAtMs = Number.POSITIVE_INFINITY
  #judgedAtMs = 0
  // Filled and emptied by each choice, so that choosing makes no lists.
  readonly #good: Replica[] = []
  readonly #spare: Replica[] = []

  constructor(service: string, log: Logger) {
    this.#service = service
    this.#log = log
  }

  get all(): readonly Replica[] {
    return [...this.#replicas.values()]
  }

  get ready(): readonly Replica[] {
    return this.#ready
  }

  /** Drains replicas that are gone, and makes those that are new. Returns those that are gone. */
  update(addresses: readonly Address[], make: (address: Address) => Replica): readonly Replica[] {
    const known = new Map(addresses.map((address) => [addressText(address), address]))
    const gone = this.all.filter(({ name }) => !known.has(name))
    for (const replica of gone) {
      replica.close()
      this.#replicas.delete(replica.name)
    }
    for (const [name, address] of known) if (!this.#replicas.has(name)) this.#replicas.set(name, make(address))
    this.refresh()
    return gone
  }

  /** A replica has become ready, or is so no more. Those that go are called while there is no other one. */
  refresh(): void {
    const wasDeserted = this.#ready.length === 0
    const open = this.all.filter((replica) => replica.connection !== undefined)
    const staying = open.filter((replica) => !replica.isLeaving)
    this.#ready = staying.length > 0 ? staying : open
    if (staying.length > 0) for (const replica of open) replica.letGo()
    if (!wasDeserted && this.#ready.length === 0) this.#desertedAtMs = now()
  }

  /** The replica for a call. Sick ones, and the one to avoid, only if there is no other; none whose breaker is open. */
  choose(call: SeamCall, state: SeamState, preference: Preference, nowMs: number): Replica | undefined {
    const [only] = this.#ready
    if (this.#ready.length > 1) return this.#chooseOf(call, state, preference, nowMs)
    return only && isFor(only, call) && takes(only, call.kind, state, nowMs) ? only : undefined
  }

  #chooseOf(call: SeamCall, state: SeamState, { avoid, keyHash }: Preference, nowMs: number): Replica | undefined {
    if (nowMs - this.#judgedAtMs > judgeEveryMs) this.#judge(nowMs)
    const [good, spare] = [this.#good, this.#spare]
    good.length = spare.length = 0
    for (const replica of this.#ready) {
      if (!isFor(replica, call) || !takes(replica, call.kind, state, nowMs)) continue
      // Balancing sees by itself what fails.
      const isSick = replica.health.isEjected(nowMs) || (keyHash !== undefined && replica.health.hasAnsweredNoneOfFew(nowMs))
      if (replica.name === avoid || isSick) spare.push(replica)
      else good.push(replica)
    }
    const candidates = good.length > 0 ? good : spare
    return keyHash === undefined ? chooseOfTwo(candidates, nowMs) : chooseByKey(candidates, keyHash)
  }

  /** Whether another replica than that one would be sent one of the calls that `state` is about. */
  hasOther(state: SeamState, than: string | undefined, nowMs: number): boolean {
    const isOther = (replica: Replica) => replica.name !== than && !replica.health.isEjected(nowMs)
    return this.#ready.some((replica) => isOther(replica) && takes(replica, "call", state, nowMs))
  }

  /** What keeps the call from all replicas that are there: none of them fits. */
  misfit({ kind, contract }: SeamCall): Fault | undefined {
    const troubles = this.#ready.map((replica) => replica.trouble(kind, contract))
    const [first] = troubles
    return first !== undefined && troubles.every((trouble) => trouble !== undefined) ? new Fault("INCOMPATIBLE_CONTRACT", first) : undefined
  }

  /** Whether it is of use to wait: for the first one, for one where all have gone, or for another one than those that are there. */
  get isAwaited(): boolean {
    const isRecent = (sinceMs: number | undefined) => sinceMs !== undefined && now() - sinceMs <= awaitedMs
    return this.#ready.length === 0 ? isRecent(this.#desertedAtMs) : this.all.some(({ awaySinceMs }) => isRecent(awaySinceMs))
  }

  /**
   * Why none of the replicas that are there can be sent the call; `undefined` when none is there that it is for, or none that fits and
   * another one that may is awaited.
   */
  whyNone(call: SeamCall): Fault | undefined {
    if (!this.#ready.some((replica) => isFor(replica, call))) return undefined
    const misfit = this.misfit(call)
    if (misfit) return this.isAwaited ? undefined : misfit
    const { contract } = call
    return new Fault("UNAVAILABLE", `Too many calls to ${contract} in ${this.#service} have failed lately; the call was not sent.`, {
      hint: "The circuit breaker lets single calls try; it closes by itself when one succeeds.",
    })
  }

  #judge(nowMs: number): void {
    this.#judgedAtMs = nowMs
    const samples = this.#ready.map(({ health }) => ({
      calls: health.window.calls(nowMs),
      failures: health.window.failures(nowMs),
      typicalMs: health.typicalMs(nowMs),
      isEjected: health.isEjected(nowMs),
    }))
    for (const index of outliersOf(samples)) {
      const replica = this.#ready[index]
      if (!replica) continue
      replica.health.eject(nowMs)
      const { calls, failures, typicalMs } = samples[index] ?? {}
      const fields = { callee: this.#service, replica: replica.name, calls, failures, typicalMs: Math.round(typicalMs ?? 0) }
      this.#log.warn("a replica is far off the others; it gets no calls for a while", fields)
    }
  }
}

// What is passed on would not be passed on from there.
function isFor(replica: Replica, call: SeamCall): boolean {
  return call.passedOn !== true || replica.hosts(calledModule(call))
}

function takes(replica: Replica, kind: SeamCall["kind"], state: SeamState, nowMs: number): boolean {
  return replica.trouble(kind, state.contract) === undefined && state.breakerOf(replica.name).allows(nowMs)
}
