import { createHash } from "node:crypto"
import type { Context } from "@hanok/contract"

const longestKey = 200
const numbers = new WeakMap<Context, Map<string, number>>()

/**
 * The idempotency key of a command called in keyed work, so that a repetition of the work repeats its commands under the
 * same keys: they are numbered for each operation in the order of calling. Another module that was given the same key has others.
 * `undefined` when the work has no key itself.
 */
export function childKeyOf(context: Context, module: string, operation: string): string | undefined {
  if (context.idempotencyKey === undefined) return undefined
  const counted = numbers.get(context) ?? new Map<string, number>()
  numbers.set(context, counted)
  const number = counted.get(operation) ?? 0
  counted.set(operation, number + 1)
  return `${context.idempotencyKey} in ${module}>${operation}#${number}`
}

/** The key as a header can carry it: itself, or where it is long or not ASCII, a digest of it. */
export function headerValueOf(key: string): string {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(key) && key.length <= longestKey
    ? key
    : createHash("sha256").update(key).digest("base64url")
}
