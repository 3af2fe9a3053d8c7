import type { JsonSchema } from "./schema.ts"

/** Pairs of schemas, in the order in which they were added. */
export class SchemaPairs {
  readonly #byFirst = new Map<JsonSchema, Set<JsonSchema>>()
  readonly #order: (readonly [JsonSchema, JsonSchema])[] = []

  get size(): number {
    return this.#order.length
  }

  has(first: JsonSchema, second: JsonSchema): boolean {
    return this.#byFirst.get(first)?.has(second) ?? false
  }

  add(first: JsonSchema, second: JsonSchema): void {
    if (this.has(first, second)) return
    this.#byFirst.set(first, (this.#byFirst.get(first) ?? new Set()).add(second))
    this.#order.push([first, second])
  }

  /** Forgets what was added since there were `size`. */
  backTo(size: number): void {
    for (const [first, second] of this.#order.splice(size)) this.#byFirst.get(first)?.delete(second)
  }
}
