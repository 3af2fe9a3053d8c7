import { pointerTo } from "../parse/pointer.ts"
import type { Issue } from "@hanok/contract"

/**
 * The first field that no schema would think of and that hurts whoever gets it: a name that changes prototypes when it
 * is copied, or text that databases and other languages cannot hold (U+0000, half of a surrogate pair).
 * `undefined` when there is none. `value` comes from JSON, so it has no cycles; its depth is the caller's to limit.
 */
export function unsafeFieldOf(value: unknown): Issue | undefined {
  if (typeof value === "string") return isSafeText(value) ? undefined : { field: "", message: unsafeText }
  if (typeof value !== "object" || value === null) return undefined
  for (const name of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    const member: unknown = Reflect.get(value, name)
    if (typeof name === "string") {
      if (poisons(name, member)) return { field: pointerTo(name), message: "is not allowed as a name" }
      if (!isSafeText(name)) return { field: "", message: `has a name that ${unsafeText}` }
    }
    // Where it is, is put together when it is found: there may be half a million that are safe.
    const unsafe = unsafeFieldOf(member)
    if (unsafe) return { ...unsafe, field: pointerTo(name) + unsafe.field }
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
