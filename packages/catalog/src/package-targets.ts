/**
 * Where a manifest's `imports` or `exports` may lead for a name of it (`#store`, `.`, `./store`), under whatever condition:
 * https://nodejs.org/api/packages.html#subpath-patterns
 */
export function targetsOf(field: unknown, name: string): readonly string[] {
  const entries = entriesOf(field)
  const exact = entries.find(([key]) => key === name)
  if (exact) return textsIn(exact[1])
  const matches = entries.flatMap(([key, value]) => {
    const [ahead = "", behind] = key.split("*")
    const fits = behind !== undefined && name.length >= key.length && name.startsWith(ahead) && name.endsWith(behind)
    return fits ? [{ ahead, value, middle: name.slice(ahead.length, name.length - behind.length) }] : []
  })
  const [best] = matches.toSorted((one, other) => other.ahead.length - one.ahead.length)
  return best ? textsIn(best.value).map((target) => target.replaceAll("*", () => best.middle)) : []
}

// What has no names is all about the package itself.
function entriesOf(field: unknown): readonly (readonly [string, unknown])[] {
  const entries = typeof field === "object" && field !== null && !Array.isArray(field) ? Object.entries(field) : []
  return entries.some(([key]) => /^[.#]/.test(key)) ? entries : [[".", field]]
}

// Texts, alternatives and conditions, in any depth; `null` leads nowhere.
function textsIn(target: unknown): readonly string[] {
  if (typeof target === "string") return [target]
  return typeof target === "object" && target !== null ? Object.values(target).flatMap(textsIn) : []
}
