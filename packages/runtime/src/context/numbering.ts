import { hash } from "node:crypto"
import { flatText } from "./flat-text.ts"
import { uuidOf } from "./uuid.ts"

/** What was made at one place: outside of transactions, or within one of them. */
interface Count {
  newIds: number
  readonly children: Map<string, number>
}

/**
 * Counts what keyed work makes, so that a repetition of it makes the same again: identifiers, steps, and keys for the commands
 * that it calls. Steps are transactions that a store keeps. One that was kept before is not run again, and those side by side go on in
 * any order: so what is made within one is counted with it alone.
 */
export class Numbering {
  readonly #key: string
  readonly #outside: Count = { newIds: 0, children: new Map() }
  /** By step. */
  readonly #within = new Map<number, Count>()
  #steps = 0

  constructor(key: string) {
    this.#key = key
  }

  /** `step`: the number of the one within which it is made. */
  newId(step?: number): string {
    return uuidOf(`${this.#placeOf(step)}#${this.#countOf(step).newIds++}`)
  }

  nextStep(): number {
    this.#within.set(this.#steps, { newIds: 0, children: new Map() })
    return this.#steps++
  }

  endStep(step: number): void {
    this.#within.delete(step)
  }

  /** Commands are numbered per operation in the order of calling. */
  nextChildKey(operation: string, step?: number): string {
    const { children } = this.#countOf(step)
    const number = children.get(operation) ?? 0
    children.set(operation, number + 1)
    return shortened(flatText(this.#placeOf(step), ">", operation, "#", String(number)))
  }

  #countOf(step: number | undefined): Count {
    return (step === undefined ? undefined : this.#within.get(step)) ?? this.#outside
  }

  #placeOf(step: number | undefined): string {
    return step === undefined ? this.#key : `${this.#key}@${step}`
  }
}

const longestKey = 200

// Keys grow with the depth of calls; beyond a length their digest stands for them.
function shortened(key: string): string {
  return key.length <= longestKey ? key : hash("sha256", key, "base64url")
}
