const part = 100

/**
 * Forgets the oldest entries of a map with more than `capacity` of them, a hundredth of it at once: read from its start, a Map first
 * skips all that was deleted there, which is too much to do for every entry that comes.
 */
export function makeRoom<Value>(entries: Map<string, Value>, capacity: number, mayGo: (value: Value) => boolean = () => true): void {
  if (entries.size <= capacity) return
  const enough = capacity - Math.floor(capacity / part)
  for (const [key, value] of entries) {
    if (mayGo(value)) entries.delete(key)
    if (entries.size <= enough) return
  }
}
