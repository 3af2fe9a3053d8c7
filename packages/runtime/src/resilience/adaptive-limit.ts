import type { UsualLatency } from "./usual-latency.ts"

export interface LimitOptions {
  /** Before anything is known; 128 when not given. */
  readonly initial?: number
  /** Never fewer, if `most` allows it. */
  readonly least: number
  readonly most: number
  /** Milliseconds of waiting for each other that nobody minds. */
  readonly allowanceMs: number
}

/** A call may take that much longer than usual, besides the allowance, before there are too many at once. */
const tolerance = 1.5
/** As many at once do not get in each other's way. */
const calmCalls = 4
const windowMs = 100
const fewestSamples = 10
/** One call that hangs says no more than that it hangs. */
const worstSample = 5
/** One that was stopped when it took longer than usual would have taken at least that much longer than is tolerated. */
const unfinishedSample = 2
const smoothing = 0.5
const steepest = 0.5
/** The limit decides how long calls take when they take that much of what is tolerated. */
const bindingRatio = 0.8
const probeEveryMs = 10_000
const firstProbeMs = 1_000
const probeMs = 300
/** What was in before a probe has to go first; so long it may take. */
const longestProbeMs = 3_000
const probeShare = 1 / 16

/**
 * How many calls at once are good for a process, found out from how long they take: as long as they take about what is usual,
 * more are let in; when they take longer because of each other, fewer are.
 *
 * The gradient follows Netflix's concurrency-limits (`Gradient2Limit`), with two differences. What is usual is known for each
 * operation, from calls that had the process nearly to themselves, so that neither a mix of fast and slow operations nor a long
 * overload shifts it; when there have been none for ten seconds, the limit is lowered for a moment to look again (the ProbeRTT
 * of BBR: Cardwell et al., ACM Queue, 2016). And a few milliseconds of waiting are no overload (the target of CoDel: Nichols
 * and Jacobson, ACM Queue, 2012), so that a burst of quick calls costs nobody an answer.
 */
export class AdaptiveLimit {
  readonly #least: number
  readonly #most: number
  readonly #allowanceMs: number
  #limit: number
  #sum = 0
  #samples = 0
  #peak = 0
  #windowEndsAtMs = 0
  #learntAtMs = 0
  #hasLearnt = false
  #probeEndsAtMs = 0
  #probed = 0

  constructor({ initial = 128, least, most, allowanceMs }: LimitOptions) {
    this.#allowanceMs = allowanceMs
    this.#most = Math.max(1, most)
    this.#least = Math.min(least, this.#most)
    this.#limit = Math.min(initial, this.#most)
  }

  /** A whole number; at least 1. */
  get current(): number {
    return this.#probeEndsAtMs > 0 ? this.#probeLimit : Math.floor(this.#limit)
  }

  /** A call is let in as the last of `inFlight`. Whether it has the process nearly to itself; to be given back with its time. */
  entered(inFlight: number): boolean {
    if (inFlight > this.#peak) this.#peak = inFlight
    return inFlight <= this.#calmUpTo
  }

  /** A call has been done, and `inFlight` are left. Times are milliseconds of any steady clock. */
  add(usual: UsualLatency, tookMs: number, wasCalm: boolean, inFlight: number, nowMs: number): void {
    this.#teach(usual, tookMs, wasCalm, inFlight, nowMs)
    this.#count(this.#ratioOf(usual, tookMs), nowMs)
  }

  /**
   * A call was not done, and has taken longer than usual. That may be usual now; and since it would have taken longer still,
   * nobody knows by how much: where there are far too many at once, all of them end like that.
   */
  addUnfinished(usual: UsualLatency, tookMs: number, wasCalm: boolean, inFlight: number, nowMs: number): void {
    if (usual.usualMs > 0) this.#teach(usual, tookMs, wasCalm, inFlight, nowMs)
    this.#count(Math.max(unfinishedSample, this.#ratioOf(usual, tookMs)), nowMs)
  }

  /** Whether a call that took so long has taken longer than usual; where nothing is known, than anybody minds. */
  isLong(usual: UsualLatency, tookMs: number): boolean {
    return tookMs > (usual.usualMs || this.#allowanceMs)
  }

  /** A call has failed sooner than it is usually done, which does not tell how quickly it is done. */
  addFailed(usual: UsualLatency, tookMs: number, nowMs: number): void {
    if (usual.usualMs > 0) this.#count(this.#ratioOf(usual, tookMs), nowMs)
  }

  #teach(usual: UsualLatency, tookMs: number, wasCalm: boolean, inFlight: number, nowMs: number): void {
    const isCalm = wasCalm && inFlight < this.#calmUpTo
    if (isCalm) this.#learn(usual, nowMs)
    usual.add(tookMs, isCalm)
  }

  #ratioOf(usual: UsualLatency, tookMs: number): number {
    return Math.min(worstSample, tookMs / (usual.usualMs * tolerance + this.#allowanceMs))
  }

  #count(ratio: number, nowMs: number): void {
    this.#sum += ratio
    this.#samples += 1
    if (nowMs >= this.#windowEndsAtMs && this.#samples >= fewestSamples) this.#turn(nowMs)
  }

  get #calmUpTo(): number {
    return this.#probeEndsAtMs > 0 ? Math.max(calmCalls, this.#probeLimit) : calmCalls
  }

  get #probeLimit(): number {
    return Math.min(this.#most, Math.max(calmCalls, Math.ceil(this.#least / 2), Math.floor(this.#limit * probeShare)))
  }

  #learn(usual: UsualLatency, nowMs: number): void {
    if (nowMs - this.#learntAtMs > probeEveryMs) usual.lookAgain()
    if (this.#probeEndsAtMs > 0) this.#probed += 1
    else this.#hasLearnt = true
    this.#learntAtMs = nowMs
  }

  #turn(nowMs: number): void {
    const ratio = this.#sum / this.#samples
    if (this.#probeEndsAtMs === 0) this.#adapt(ratio)
    else if (this.#hasLooked(nowMs)) {
      this.#probeEndsAtMs = this.#probed = 0
      this.#hasLearnt = true
      this.#learntAtMs = nowMs
    }
    if (this.#mustLook(ratio, nowMs)) this.#probeEndsAtMs ||= nowMs + probeMs
    this.#sum = this.#samples = this.#peak = 0
    this.#windowEndsAtMs = nowMs + windowMs
  }

  #mustLook(ratio: number, nowMs: number): boolean {
    if (!this.#hasLearnt) return nowMs - this.#learntAtMs > firstProbeMs && this.#peak > this.#limit / 2
    return nowMs - this.#learntAtMs > probeEveryMs && ratio > bindingRatio
  }

  #hasLooked(nowMs: number): boolean {
    return nowMs >= this.#probeEndsAtMs + (this.#probed >= fewestSamples ? 0 : longestProbeMs)
  }

  #adapt(ratio: number): void {
    const gradient = Math.max(steepest, Math.min(1, 1 / ratio))
    if (gradient < 1) this.#limit *= 1 - smoothing + smoothing * gradient
    // Room that nobody uses tells nothing about what there is room for.
    else if (this.#peak > this.#limit / 2) this.#limit += Math.sqrt(this.#limit)
    this.#limit = Math.max(this.#least, Math.min(this.#most, this.#limit))
  }
}
