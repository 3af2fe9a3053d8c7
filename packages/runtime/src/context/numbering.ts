import { hash } from "node:crypto"
import { flatText } from "./flat-text.ts"
import { uuidOf } from "./uuid.ts"

/**
 * Counts what keyed work makes, so that a repetition of it makes the same again: identifiers, steps, and keys for the commands
 * that it calls. Steps are transactions that a store keeps.
 */
export class Numbering {
  readonly #key: string
  #newIds = 0
  #steps = 0
  #endedSteps = 0
  #children = new Map<string, number>()

  constructor(key: string) {
    this.#key = key
  }

  newId(): string {
    return uuidOf(`${this.#key}${this.#afterSteps()}#${this.#newIds++}`)
  }

  nextStep(): number {
    return this.#steps++
  }

  // A step that was kept before is not run again, so what was counted in it must not count for what comes after it.
  endStep(): void {
    this.#endedSteps++
    this.#newIds = 0
    this.#children.clear()
  }

  /** Commands are numbered per operation in the order of calling, anew after each step. */
  nextChildKey(operation: string): string {
    const number = this.#children.get(operation) ?? 0
    this.#children.set(operation, number + 1)
    return shortened(flatText(this.#key, this.#afterSteps(), ">", operation, "#", String(number)))
  }

  #afterSteps(): string {
    return this.#endedSteps === 0 ? "" : `@${this.#endedSteps}`
  }
}

const longestKey = 200

// Keys grow with the depth of calls; beyond a length their digest stands for them.
function shortened(key: string): string {
  return key.length <= longestKey ? key : hash("sha256", key, "base64url")
}
