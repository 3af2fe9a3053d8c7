/** Something the user can do something about. Exit codes: 1 the answer is no, 2 bad input, 3 the environment is in the way. */
export class CliError extends Error {
  override readonly name = "CliError"
  readonly hint: string
  readonly exitCode: 1 | 2 | 3

  constructor(message: string, hint: string, exitCode: 1 | 2 | 3) {
    super(message)
    this.hint = hint
    this.exitCode = exitCode
  }
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The same, and in a line below it what to do about it, where it knows that. */
export function adviceOf(error: unknown): string {
  return error instanceof CliError && error.hint !== "" ? `${error.message}\n  ${error.hint}` : messageOf(error)
}
