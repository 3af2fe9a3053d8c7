/** One figure of a benchmark: a median, and the least and greatest of its rounds. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly min?: number
  readonly max?: number
}

export interface RunOptions {
  readonly rounds: number
  /** Few and short rounds, to see that all works; its figures mean little. */
  readonly quick: boolean
  /** Tells how far the run is. */
  report(text: string): void
}

/** What a benchmark exports. */
export type Run = (options: RunOptions) => Promise<readonly Row[]>
