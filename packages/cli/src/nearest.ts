/** The name that was probably meant: the one that differs by the fewest letters, if these are few. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known.map((each) => ({ each, distance: distanceOf(name, each) })).toSorted((one, other) => one.distance - other.distance)
  return best && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.each : undefined
}

// Levenshtein's distance, row by row.
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= other.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
