import type { MessagePackWriter } from "./message-pack-writer.ts"

/** More than this are not remembered: objects with data for keys would make ever more. */
const mostShapes = 1_024
const mostFields = 48
/** A function of its own is worth making for a shape that is met often. */
const oftenUses = 64

/** Writes the values of an object of one shape, in the order of its fields. */
type WriteFields = (writer: MessagePackWriter, object: Readonly<Record<string, unknown>>) => void

/** The names of a plain object's fields, in their order. Objects of one shape are written by one function, which reads each field at a known place. */
export class Shape {
  /** From 0 on, for all shapes of the process. */
  readonly number: number
  readonly names: readonly string[]
  writeFields: WriteFields
  readonly #longer = new Map<string, Shape>()
  // The one that came last: where objects of one shape follow each other, no name is looked up.
  #lastName: string | undefined = undefined
  #lastLonger: Shape | undefined = undefined
  #uses = 0

  private constructor(names: readonly string[]) {
    this.number = Shape.#count++
    this.names = names
    this.writeFields = (writer, object) => {
      if (++this.#uses >= oftenUses) this.writeFields = compiled(names) ?? interpreted(names)
      for (const name of names) writer.value(object[name])
    }
  }

  static #count = 0
  static readonly #none = new Shape([])

  /** The shape of an object that has no class; `undefined` when there are too many, or too many fields. */
  static of(object: object): Shape | undefined {
    let shape: Shape | undefined = Shape.#none
    for (const name in object) {
      shape = name === shape.#lastName ? shape.#lastLonger : shape.#with(name)
      if (!shape) return undefined
    }
    return shape
  }

  #with(name: string): Shape | undefined {
    let longer = this.#longer.get(name)
    if (!longer) {
      if (Shape.#count >= mostShapes || this.names.length >= mostFields) return undefined
      this.#longer.set(name, (longer = new Shape([...this.names, name])))
    }
    this.#lastName = name
    this.#lastLonger = longer
    return longer
  }
}

function interpreted(names: readonly string[]): WriteFields {
  return (writer, object) => {
    for (const name of names) writer.value(object[name])
  }
}

// Where making functions of text is forbidden there is none.
function compiled(names: readonly string[]): WriteFields | undefined {
  try {
    const lines = names.map((name) => `writer.value(object[${JSON.stringify(name)}])`)
    return new Function("writer", "object", lines.join("\n")) as WriteFields
  } catch {
    return undefined
  }
}
