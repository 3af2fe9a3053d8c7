/** One fault of a topology. */
export interface WiringProblem {
  /** What is wrong, with names. */
  readonly message: string
  /** What is allowed, or what to do. */
  readonly hint: string
  /** `file:line` of the declaration to change; `undefined` where the engine does not tell. */
  readonly at: string | undefined
}

/** All faults of a topology at once, each with the line to change and what to do. */
export class WiringError extends Error {
  override readonly name = "WiringError"
  readonly problems: readonly WiringProblem[]

  constructor(topology: string, problems: readonly WiringProblem[]) {
    super(
      [`The topology ${topology} has ${problems.length === 1 ? "a fault" : `${problems.length} faults`}:`, ...problems.map(textOf)].join(
        "\n",
      ),
    )
    this.problems = problems
  }
}

function textOf({ message, hint, at }: WiringProblem): string {
  return `\n  ${message}\n${at === undefined ? "" : `    at ${at}\n`}    ${hint}`
}
