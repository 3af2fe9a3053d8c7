/** The file is written in a way that is not edited. The message goes on after the file's name: "builds its services by code". */
export class NotUnderstood extends Error {
  override readonly name = "NotUnderstood"
  /** From 1. */
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length
}
