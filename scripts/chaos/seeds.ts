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
export const knownRuns: readonly KnownRun[] = [
  { seed: 1, minutes: 0.5, faults: [], found: "nothing: every kind of fault once" },
  {
    seed: 5,
    minutes: 30,
    faults: [],
    found:
      "nothing in the shop; here, that 90 s are too short to ask for 17 000 commands again, that PostgreSQL may be starting when a fault needs it, and that a process under way may take the place of one of another version",
  },
  {
    seed: 7,
    minutes: 30,
    faults: [],
    found:
      "nothing in the shop; here, that a disk stayed full three times as long as it was to, since PostgreSQL was asked for room although it had gone for lack of it, and that a fault which needs PostgreSQL gave up meanwhile",
  },
]
