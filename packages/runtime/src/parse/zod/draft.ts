/** What a compiled parser returns for a value that the schema does not accept. */
export const refused: unique symbol = Symbol("refused")

/** What it returns when only the library can tell. */
export const unsure: unique symbol = Symbol("unsure")

/** The source of a parser while it is written: lines of a function body, and the values that they name. */
export class Draft {
  readonly lines: string[] = []
  readonly #constants: unknown[]
  #names = 0

  constructor(constants: unknown[] = []) {
    this.#constants = constants
  }

  /** A name for a value that the source cannot spell out. */
  constant(value: unknown): string {
    return `c[${this.#constants.push(value) - 1}]`
  }

  /** A name that is not taken yet. */
  name(): string {
    return `v${this.#names++}`
  }

  /** Another function body that shares the constants. */
  inner(): Draft {
    return new Draft(this.#constants)
  }

  add(line: string): void {
    this.lines.push(line)
  }

  /** The function that the lines make of its parameter `name`; `undefined` where the platform forbids making functions of text. */
  compile(name: string): ((value: unknown) => unknown) | undefined {
    const source = `return ${this.functionOf(name)}`
    try {
      // The text is made of names and numbers of this compiler's own; a schema's strings appear in it as JSON only.
      const make = new Function("c", "REFUSED", "UNSURE", source) as (...values: unknown[]) => (value: unknown) => unknown
      return make(this.#constants, refused, unsure)
    } catch {
      return undefined
    }
  }

  functionOf(name: string): string {
    return `(${name}) => {\n${this.lines.join("\n")}\n}`
  }
}
