/** What a compiled parser returns for a value that the schema does not accept. */
const refused: unique symbol = Symbol("refused")

/** What it returns when only the library can tell. */
export const unsure: unique symbol = Symbol("unsure")

type Parse = (value: unknown) => unknown

export interface CompiledDraft {
  /** The copy, or `refused`, or `unsure`. */
  readonly parse: Parse
  /** The same, but for these two it gives what `otherwise` gives. */
  readonly orElse: (otherwise: Parse) => Parse
}

/** The source of a parser while it is written: lines of a function body, and the values that they name. */
export class Draft {
  readonly lines: string[] = []
  /** A refinement will look at the copy: where it would not be exactly what the library makes, the library has to make it. */
  isLookedAt = false
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
    const inner = new Draft(this.#constants)
    inner.isLookedAt = this.isLookedAt
    return inner
  }

  add(line: string): void {
    this.lines.push(line)
  }

  /** What the lines make of their parameter `name`; `undefined` where the platform forbids making functions of text. */
  compile(name: string): CompiledDraft | undefined {
    // Both are of this text, so that the engine learns about each schema's apart and can make one of the two.
    const source = `const parse = ${this.functionOf(name)}
return { parse, orElse: (otherwise) => (value) => {
const parsed = parse(value)
return parsed === REFUSED || parsed === UNSURE ? otherwise(value) : parsed
} }`
    try {
      // The text is made of names and numbers of this compiler's own; a schema's strings appear in it as JSON only.
      const make = new Function("c", "REFUSED", "UNSURE", source) as (...values: unknown[]) => CompiledDraft
      return make(this.#constants, refused, unsure)
    } catch {
      return undefined
    }
  }

  functionOf(name: string): string {
    return `(${name}) => {\n${this.lines.join("\n")}\n}`
  }
}
