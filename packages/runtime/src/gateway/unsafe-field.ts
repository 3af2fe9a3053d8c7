import { pointerTo } from "../parse/pointer.ts"
import type { Issue } from "@hanok/contract"

/**
 * The first field that no schema would think of and that hurts whoever gets it: a name that changes prototypes when it
 * is copied, or text that databases and other languages cannot hold (U+0000, half of a surrogate pair).
 * `undefined` when there is none. `value` comes from JSON, so it has no cycles; its depth is the caller's to limit.
 */
export function unsafeFieldOf(value: unknown, field = ""): Issue | undefined {
  if (typeof value === "string") return isSafeText(value) ? undefined : { field, message: unsafeText }
  if (typeof value !== "object" || value === null) return undefined
  for (const [name, member] of Object.entries(value)) {
    const pointer = `${field}${pointerTo(name)}`
    if (poisons(name, member)) return { field: pointer, message: "is not allowed as a name" }
    if (!isSafeText(name)) return { field, message: `has a name that ${unsafeText}` }
    const unsafe = unsafeFieldOf(member, pointer)
    if (unsafe) return unsafe
  }
  return undefined
}

const unsafeText = "contains U+0000 or half of a surrogate pair"

function isSafeText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0")
}

function poisons(name: string, member: unknown): boolean {
  if (name === "__proto__") return true
  return name === "constructor" && typeof member === "object" && member !== null && Object.hasOwn(member, "prototype")
}
