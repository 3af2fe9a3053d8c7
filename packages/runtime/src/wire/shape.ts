import type { MessagePackWriter } from "./message-pack-writer.ts"

/** More than these are not remembered: objects with data for names would make ever more. */
const mostShapes = 4_096
const mostBeginnings = 16_384
const mostFields = 64
/** In characters. What is longer is data, and may be as long as a body: a few thousand of those would fill the memory. */
const longestName = 128
/** A name is remembered when it comes again before so many others. */
const mostStrangers = 64
/** A function of its own is worth making for a shape that is met often. */
const oftenUses = 64

/** Writes the values of an object of one shape, in the order of its fields. */
type WriteFields = (writer: MessagePackWriter, object: Readonly<Record<string, unknown>>) => void

/**
 * The names of a plain object's fields, in their order; or of its first fields, since a shape is found name by name. Objects of
 * one shape are written by one function, which reads each field at a known place.
 */
export class Shape {
  readonly names: readonly string[]
  writeFields: WriteFields
  #number = -1
  #longer: Map<string, Shape> | undefined = undefined
  // The one that came last: where objects of one shape follow each other, no name is looked up.
  #lastName: string | undefined = undefined
  #lastLonger: Shape | undefined = undefined
  #strangers: Set<string> | undefined = undefined
  #uses = 0

  private constructor(names: readonly string[]) {
    Shape.#beginnings += 1
    this.names = names
    this.writeFields = (writer, object) => {
      if (++this.#uses >= oftenUses) this.writeFields = compiled(names) ?? interpreted(names)
      for (const name of names) writer.value(object[name])
    }
  }

  static #beginnings = 0
  static #numbers = 0
  static readonly #none = new Shape([])

  /** The shape of an object that has no class; `undefined` when it is not known yet, or will never be. */
  static of(object: object): Shape | undefined {
    let shape: Shape | undefined = Shape.#none
    for (const name in object) {
      shape = name === shape.#lastName ? shape.#lastLonger : shape.#with(name)
      if (!shape) return undefined
    }
    return shape.#number >= 0 || Shape.#numbers < mostShapes ? shape : undefined
  }

  /** From 0 on, for all shapes of the process. */
  get number(): number {
    if (this.#number < 0) this.#number = Shape.#numbers++
    return this.#number
  }

  #with(name: string): Shape | undefined {
    const longer = this.#longer?.get(name) ?? this.#learn(name)
    if (!longer) return undefined
    this.#lastName = name
    this.#lastLonger = longer
    return longer
  }

  // A name that is data does not come again soon.
  #learn(name: string): Shape | undefined {
    if (name.length > longestName || Shape.#beginnings >= mostBeginnings || this.names.length >= mostFields) return undefined
    const strangers = (this.#strangers ??= new Set())
    if (!strangers.delete(name)) {
      if (strangers.size >= mostStrangers) strangers.clear()
      strangers.add(name)
      return undefined
    }
    const longer = new Shape([...this.names, name])
    this.#longer ??= new Map()
    this.#longer.set(name, longer)
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
