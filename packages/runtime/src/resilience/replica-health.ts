import { PeakLatency } from "./latency.ts"
import { fewestCalls } from "./outliers.ts"
import { WindowCounts } from "./window-counts.ts"

const leastMs = 0.05
/** One may be the call's own. */
const fewestUnanswered = 2
const slowStartMs = 5_000
const coldest = 0.1
const firstEjectionMs = 2_000
const longestEjectionMs = 60_000
/** When an ejection is this long past, the next one is short again. */
const forgivenAfterMs = 120_000

/** How a replica fares, as its callers in this process see it. Times are milliseconds of any steady clock. */
export class ReplicaHealth {
  readonly latency = new PeakLatency()
  /** What it measures of answers is the logarithm of the time that they took: see `typicalMs`. */
  readonly window = new WindowCounts()
  /** Those of the calls in the window that another replica has answered. */
  readonly #outrun = new WindowCounts()
  #readySinceMs = Number.NEGATIVE_INFINITY
  #ejectedUntilMs = Number.NEGATIVE_INFINITY
  #ejections = 0

  answered(nowMs: number, tookMs: number): void {
    this.latency.add(tookMs, nowMs)
    this.window.add(nowMs, false, Math.log(Math.max(tookMs, leastMs)))
  }

  /** That it failed quickly does not make it a quick one, however long ago it answered: who fails at once must not draw more calls. */
  failed(nowMs: number, tookMs: number): void {
    this.latency.hold(nowMs)
    this.givenUp(nowMs, tookMs)
    this.window.add(nowMs, true, 0)
  }

  /** Nobody waited any more, who knows why: it would have taken at least so long. */
  givenUp(nowMs: number, tookMs: number): void {
    if (tookMs > this.latency.current(nowMs)) this.latency.add(tookMs, nowMs)
  }

  /**
   * Another replica has answered, which was asked later. That counts as an answer which took so long, or as long as its answers do, for
   * else nobody knew of one that hangs where others always answer in its place.
   */
  outrun(nowMs: number, tookMs: number): void {
    this.givenUp(nowMs, tookMs)
    this.window.add(nowMs, false, Math.log(Math.max(tookMs, this.typicalMs(nowMs), leastMs)))
    this.#outrun.add(nowMs, false, 0)
  }

  /** A connection to it has come about: whatever was known of it may have been another process. */
  becameReady(nowMs: number): void {
    this.#readySinceMs = nowMs
    this.#ejectedUntilMs = Number.NEGATIVE_INFINITY
    this.#forget()
  }

  /**
   * What its answers of the last ten seconds took; 0 without any. The geometric mean, so that it tells how quick the replica is, and
   * not how many of the few calls that always take long it happened to get.
   */
  typicalMs(nowMs: number): number {
    return this.window.calls(nowMs) > this.window.failures(nowMs) ? Math.exp(this.window.mean(nowMs)) : 0
  }

  /** How often one has to ask until it answers, by what it did in the last ten seconds: 1 when it never fails. */
  triesPerAnswer(nowMs: number): number {
    const failures = this.window.failures(nowMs)
    if (failures === 0) return 1
    const calls = this.window.calls(nowMs)
    return (calls + 1) / (calls - failures + 1)
  }

  /** From 0.1 to 1 in its first five seconds: caches are cold and code is not compiled yet, so it gets its share by and by. */
  warmth(nowMs: number): number {
    const ageMs = nowMs - this.#readySinceMs
    return ageMs >= slowStartMs ? 1 : Math.max(coldest, ageMs / slowStartMs)
  }

  isEjected(nowMs: number): boolean {
    return nowMs < this.#ejectedUntilMs
  }

  /** It has answered nothing in the last ten seconds, and was asked too little to be compared with others: nobody ejects it for that. */
  hasAnsweredNoneOfFew(nowMs: number): boolean {
    const calls = this.window.calls(nowMs)
    if (calls < fewestUnanswered || calls >= fewestCalls) return false
    return this.window.failures(nowMs) + this.#outrun.calls(nowMs) === calls
  }

  /** Takes it out of use for a while, each time for longer; then it starts slowly. */
  eject(nowMs: number): void {
    if (nowMs - this.#ejectedUntilMs > forgivenAfterMs) this.#ejections = 0
    this.#ejectedUntilMs = nowMs + Math.min(longestEjectionMs, firstEjectionMs * 2 ** this.#ejections)
    this.#ejections += 1
    this.#readySinceMs = this.#ejectedUntilMs
    this.#forget()
  }

  #forget(): void {
    this.latency.reset()
    this.window.clear()
    this.#outrun.clear()
  }
}
