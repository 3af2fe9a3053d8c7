/** Of the last answers each counts so much; of the first few all count alike. */
const weight = 0.05
/** The same, of how far calls are apart: what is rare among them has to be seen. */
const spreadWeight = 0.005
/** Calm times tell what is usual when, for each call that outlasts them, there are so many that do not. */
const othersForEach = 4
/** By so much the fastest is forgotten with each answer. */
const fading = 1.01
/** Where nothing was done for so long, nobody knows how fast it is now; and if nobody began, nobody would find out. */
const rememberedMs = 10_000
/** So often one is begun that could not make it by what is known: what was slow, as a process's first calls are, may be so no more. */
const triedEveryMs = 1_000

/** What an operation takes when little else goes on, learnt from the calls themselves. In milliseconds. */
export class UsualLatency {
  /** Of all calls, for how far they are apart: mean and variance, over about the last two hundred. */
  #allCalls = 0
  #meanMs = 0
  #variance = 0
  #calmMs = 0
  #calmCalls = 0
  #calmAtMs = Number.NEGATIVE_INFINITY
  /** Calls that began in calm times and ended when they were over; older ones count for less, as calm ones do. */
  #outlasting = 0
  #fastestMs = Number.POSITIVE_INFINITY
  #leastMs = Number.POSITIVE_INFINITY
  #doneAtMs = Number.NEGATIVE_INFINITY
  #triedAtMs = Number.NEGATIVE_INFINITY

  /** Mean of calls in calm times; while there were none, the fastest of all. 0 when nothing is known. */
  get usualMs(): number {
    if (this.#calmCalls > 0) return this.#calmMs
    return Number.isFinite(this.#leastMs) ? this.#leastMs : 0
  }

  /**
   * Whether calm times tell it. Where more than one in five of the calls that begin in them outlast them, it is the quick ones that are
   * left, as of a cache's hits and misses the hits, and there may be far more that take long than calm times have shown.
   */
  get isKnown(): boolean {
    return this.#calmCalls > 0 && this.#outlasting * othersForEach <= this.#learntFrom
  }

  /**
   * By which part of it `usualMs` may be off, for it is the mean of a few calls, and calls differ: its standard error. It is told by
   * all calls how much they differ: a few need have none of the long ones among them.
   */
  get error(): number {
    return this.#meanMs === 0 ? 0 : Math.sqrt(this.#variance / this.#learntFrom) / this.#meanMs
  }

  get #learntFrom(): number {
    return Math.min(1 / weight, Math.max(1, this.#calmCalls))
  }

  /** About the fastest of the last hundred calls; 0 when none was done of late. */
  fastestMs(nowMs: number): number {
    return nowMs - this.#doneAtMs > rememberedMs ? 0 : this.#fastestMs
  }

  /** Whether a call that has so much time left is to be begun: it can make it, or is the one that finds out whether it can. */
  mayBegin(leftMs: number, nowMs: number): boolean {
    if (leftMs >= this.fastestMs(nowMs)) return true
    if (leftMs <= 0 || nowMs - Math.max(this.#doneAtMs, this.#triedAtMs) < triedEveryMs) return false
    this.#triedAtMs = nowMs
    return true
  }

  /** A call has done what it was to do, in that time; one that failed or was stopped tells nothing about how fast it can be done. */
  done(tookMs: number, nowMs: number): void {
    this.#doneAtMs = nowMs
    this.#fastestMs = Math.min(this.#fastestMs * fading, tookMs)
  }

  add(tookMs: number, isCalm: boolean, nowMs: number): void {
    this.#leastMs = Math.min(this.#leastMs, tookMs)
    this.#spread(tookMs)
    if (!isCalm) return
    this.#calmCalls += 1
    this.#outlasting *= 1 - weight
    this.#calmAtMs = nowMs
    this.#calmMs += (tookMs - this.#calmMs) * Math.max(weight, 1 / this.#calmCalls)
  }

  /** A call that began in calm times has ended when they were over. */
  outlasted(): void {
    this.#outlasting += 1
  }

  // Welford's method, in which older calls count for less and less.
  #spread(tookMs: number): void {
    this.#allCalls += 1
    const share = Math.max(spreadWeight, 1 / this.#allCalls)
    const off = tookMs - this.#meanMs
    this.#meanMs += off * share
    this.#variance = (1 - share) * (this.#variance + share * off * off)
  }

  /** What was usual before `sinceMs` may be so no more: when nothing has been learnt since then, the next few calls count for more. */
  lookAgain(sinceMs: number): void {
    if (this.#calmAtMs >= sinceMs) return
    this.#calmCalls = Math.min(this.#calmCalls, 4)
    this.#outlasting = 0
  }
}
