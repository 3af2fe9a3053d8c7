/** An output that is JSON already, for those who pass it on as that. */
export class JsonText {
  declare readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** An output as JSON, in whichever form it came. */
export function jsonOf(output: unknown): string {
  return output instanceof JsonText ? output.text : JSON.stringify(output)
}

/** An output as a value, in whichever form it came. */
export function valueOf(output: unknown): unknown {
  return output instanceof JsonText ? JSON.parse(output.text) : output
}
