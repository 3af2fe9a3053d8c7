import type { Ending } from "./gate.ts"
import { LastCalls } from "./last-calls.ts"
import { LimitProbe } from "./limit-probe.ts"
import type { UsualLatency } from "./usual-latency.ts"

/** In what company a call is let in: with a few others, as one that a probe listens to, or with many. */
export type Company = "few" | "probe" | "many"

export interface LimitOptions {
  /** Never fewer, if `most` allows it. */
  readonly least: number
  readonly most: number
  /** Milliseconds of waiting for each other that nobody minds. */
  readonly allowanceMs: number
}

/** Before anything is known. */
const initialLimit = 128
/** A call may take that much longer than usual, besides the allowance, before there are too many at once. */
const tolerance = 1.5
/** By so many standard errors what is taken for usual may be too little: too many at once take many times as long, and are found out all the same. */
const doubt = 3
/** And by no more of it than that: calls that wait for each other differ much, too. */
const mostDoubt = 1.5
/** As many at once do not get in each other's way. */
const calmCalls = 4
const windowMs = 100
const fewestSamples = 10
/** One call that hangs says no more than that it hangs. */
const worstSample = 5
/** Nobody knows how long one would have taken that was stopped when it took longer than usual and the allowance. */
const unfinishedSample = 2
const smoothing = 0.5
const steepest = 0.5
/** The limit decides how long calls take when they take that much of what is tolerated. */
const bindingRatio = 0.8
const probeEveryMs = 10_000
const firstProbeMs = 1_000
const probeShare = 1 / 16

/**
 * How many calls at once are good for a process, found out from how long they take: as long as they take about what is usual,
 * more are let in; when they take longer because of each other, fewer are.
 *
 * The gradient follows Netflix's concurrency-limits (`Gradient2Limit`), with two differences. What is usual is known for each
 * operation, from calls that had the process nearly to themselves, so that neither a mix of fast and slow operations nor a long
 * overload shifts it; when there have been none for ten seconds, the limit is lowered for a moment to look again (the ProbeRTT
 * of BBR: Cardwell et al., ACM Queue, 2016), and what calls took before is judged by what was learnt. The few calls that it is
 * learnt from need not be like all others: the more calls differ, the longer they may take before there are too many. And a few
 * milliseconds of waiting are no overload (the target of CoDel: Nichols and Jacobson, ACM Queue, 2012), so that a burst of quick
 * calls costs nobody an answer.
 */
export class AdaptiveLimit {
  readonly #least: number
  readonly #most: number
  readonly #allowanceMs: number
  readonly #probe = new LimitProbe()
  readonly #lastCalls = new LastCalls()
  #limit: number
  #ratios = 0
  #tookMs = 0
  #samples = 0
  #peak = 0
  #windowEndsAtMs = 0
  #learntAtMs: number | undefined = undefined
  /** Samples of operations of which nobody knows what is usual. */
  #unknown = 0
  /** A call has found no room. */
  #isFull = false
  /** The limit at the last look. */
  #lookedAt = 0

  constructor({ least, most, allowanceMs }: LimitOptions) {
    this.#allowanceMs = allowanceMs
    this.#most = Math.max(1, most)
    this.#least = Math.min(least, this.#most)
    this.#limit = Math.min(initialLimit, this.#most)
  }

  /** A whole number; at least 1. */
  get current(): number {
    return this.#probe.isUnderWay ? this.#probeLimit : Math.floor(this.#limit)
  }

  /** A call is let in as the last of `inFlight`. In what company, to be given back when it ends. */
  entered(inFlight: number): Company {
    if (inFlight > this.#peak) this.#peak = inFlight
    if (!this.#probe.isUnderWay) return inFlight <= calmCalls ? "few" : "many"
    return inFlight <= this.#probeLimit && this.#probe.ask() ? "probe" : "many"
  }

  /** A call found no room. */
  full(): void {
    this.#isFull = true
  }

  /** A call has ended, and `inFlight` are left. Times are milliseconds of any steady clock. */
  left(usual: UsualLatency, ending: Ending, tookMs: number, company: Company, inFlight: number, nowMs: number): void {
    this.#learntAtMs ??= nowMs
    if (company === "probe") this.#probe.answer(tookMs, nowMs)
    const isCalm = company === "probe" || (company === "few" && inFlight < calmCalls)
    const hasUsual = usual.usualMs > 0
    const isLong = tookMs > usual.usualMs + this.#allowanceMs
    if (company === "few" && !isCalm && !this.#probe.isUnderWay) usual.outlasted()
    if (ending === "done") {
      this.#teach(usual, tookMs, isCalm, nowMs)
      this.#count(usual, 0, tookMs, nowMs)
    } else if (isLong) {
      // That may be usual now. It would have taken longer, nobody knows by how much: of far too many at once, all end like that.
      if (hasUsual) this.#teach(usual, tookMs, isCalm, nowMs)
      this.#count(usual, unfinishedSample, tookMs, nowMs)
      // That it failed quickly does not tell how quickly it is done.
    } else if (ending === "failed" && hasUsual) this.#count(usual, 0, tookMs, nowMs)
    else this.#hearNothing(tookMs, nowMs)
  }

  /** To be called now and then while calls wait: the limit changes by itself only when what made it small is over. */
  tick(nowMs: number): void {
    if (!this.#probe.ends(nowMs)) return
    this.#learntAtMs = nowMs
    // As many at once as before would take as long as before, and be too late by the time that one of them ends.
    this.#lower(this.#lastCalls.mean((usual, tookMs) => this.#ratioOf(usual, tookMs)))
  }

  get #probeLimit(): number {
    return Math.min(this.#most, Math.max(calmCalls, Math.ceil(this.#least / 2), Math.floor(this.#limit * probeShare)))
  }

  #teach(usual: UsualLatency, tookMs: number, isCalm: boolean, nowMs: number): void {
    if (isCalm) {
      usual.lookAgain(this.#probe.isUnderWay ? this.#probe.beganAtMs : nowMs - probeEveryMs)
      this.#learntAtMs = nowMs
    }
    usual.add(tookMs, isCalm, nowMs)
  }

  // Where little is known of an operation, nothing is lowered for it as long as all find room: it may be one that takes long.
  #ratioOf(usual: UsualLatency, tookMs: number): number {
    const most = usual.isKnown || this.#isFull ? worstSample : 1
    return Math.min(most, tookMs / (usual.usualMs * (tolerance + Math.min(mostDoubt, doubt * usual.error)) + this.#allowanceMs))
  }

  #count(usual: UsualLatency, least: number, tookMs: number, nowMs: number): void {
    this.#ratios += Math.max(least, this.#ratioOf(usual, tookMs))
    if (!usual.isKnown) this.#unknown += 1
    if (!this.#probe.isUnderWay) this.#lastCalls.add(usual, tookMs)
    this.#tookMs += tookMs
    this.#samples += 1
    if (nowMs >= this.#windowEndsAtMs && this.#samples >= fewestSamples) this.#turn(nowMs)
  }

  #turn(nowMs: number): void {
    const ratio = this.#ratios / this.#samples
    if (this.#probe.isUnderWay) this.tick(nowMs)
    else {
      this.#adapt(ratio)
      if (this.#mustLook(ratio, nowMs)) this.#look(this.#tookMs / this.#samples, nowMs)
    }
    this.#ratios = this.#tookMs = this.#samples = this.#peak = this.#unknown = 0
    this.#isFull = false
    this.#windowEndsAtMs = nowMs + windowMs
  }

  #mustLook(ratio: number, nowMs: number): boolean {
    if (!this.#isFull) return false
    // Where one look has found out nothing, another one is in no haste.
    if (this.#unknown > this.#samples / 2) return this.#hasNotLearntFor(this.#probe.wasGivenUp ? probeEveryMs : firstProbeMs, nowMs)
    // With much less room, what had more of it at the last look may be far quicker.
    const everyMs = this.#limit < this.#lookedAt / 2 ? firstProbeMs : probeEveryMs
    return ratio > bindingRatio && this.#hasNotLearntFor(everyMs, nowMs)
  }

  // Where callers go away from all calls before those take longer than what is taken for usual, far too many at once look like few.
  #hearNothing(tookMs: number, nowMs: number): void {
    if (this.#probe.isUnderWay || nowMs < this.#windowEndsAtMs + firstProbeMs) return
    if (this.#mustLook(unfinishedSample, nowMs)) this.#look(tookMs, nowMs)
  }

  #look(callMs: number, nowMs: number): void {
    this.#lookedAt = this.#limit
    this.#probe.begin(callMs, nowMs)
  }

  #hasNotLearntFor(ms: number, nowMs: number): boolean {
    return this.#learntAtMs !== undefined && nowMs - this.#learntAtMs > ms
  }

  #adapt(ratio: number): void {
    const gradient = Math.max(steepest, Math.min(1, 1 / ratio))
    if (gradient < 1) this.#lower(1 / (1 - smoothing + smoothing * gradient))
    // Room that nobody uses tells nothing about what there is room for.
    else if (ratio < 1 && this.#peak > this.#limit / 2) this.#limit = Math.min(this.#most, this.#limit + Math.sqrt(this.#limit))
  }

  #lower(ratio: number): void {
    this.#limit = Math.max(this.#least, this.#limit / Math.max(1, ratio))
  }
}
