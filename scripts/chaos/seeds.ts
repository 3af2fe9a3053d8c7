/** A run that has to pass: it found something once, or stands for all. */
export interface KnownRun {
  readonly seed: number
  readonly minutes: number
  /** Kinds of faults; all when empty. */
  readonly faults: readonly string[]
  /** What it found, and what became of that. */
  readonly found: string
}

/** Every run that has failed stays here. */
export const knownRuns: readonly KnownRun[] = [{ seed: 1, minutes: 0.5, faults: [], found: "nothing: every kind of fault once" }]
