export interface DiffLine {
  readonly kind: "same" | "added" | "removed"
  readonly text: string
  /** From 1: in the text after the change; of a removed line, in the text before. */
  readonly line: number
}

const around = 2

/** The changed lines between two texts, with two lines around each change. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [old, fresh] = [before.split(/\r?\n/), after.split(/\r?\n/)]
  const start = sameFor(Math.min(old.length, fresh.length), (index) => old[index] === fresh[index])
  const end = sameFor(Math.min(old.length, fresh.length) - start, (index) => old.at(-1 - index) === fresh.at(-1 - index))
  const changed = compare(old.slice(start, old.length - end), fresh.slice(start, fresh.length - end), start)
  const all = [
    ...sameLines(fresh, Math.max(0, start - around), start),
    ...changed,
    ...sameLines(fresh, fresh.length - end, Math.min(fresh.length, fresh.length - end + around)),
  ]
  return all.filter((_, index) => all.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== "same"))
}

function sameFor(most: number, isSame: (index: number) => boolean): number {
  let count = 0
  while (count < most && isSame(count)) count += 1
  return count
}

function sameLines(lines: readonly string[], from: number, to: number): readonly DiffLine[] {
  return lines.slice(from, to).map((text, index) => ({ kind: "same", text, line: from + index + 1 }))
}

// The longest common subsequence: what lies between the first change and the last is short.
function compare(before: readonly string[], after: readonly string[], linesAbove: number): readonly DiffLine[] {
  const lengths = commonLengths(before, after)
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0
  const lines: DiffLine[] = []
  for (let [row, column] = [0, 0]; row < before.length || column < after.length;) {
    const [old, fresh] = [before[row], after[column]]
    if (old !== undefined && old === fresh) {
      lines.push({ kind: "same", text: old, line: linesAbove + ++column })
      row += 1
    } else if (old !== undefined && (fresh === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ kind: "removed", text: old, line: linesAbove + ++row })
    } else {
      lines.push({ kind: "added", text: fresh ?? "", line: linesAbove + ++column })
    }
  }
  return lines
}

function commonLengths(before: readonly string[], after: readonly string[]): readonly (readonly number[])[] {
  const lengths = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0))
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const [here, below] = [lengths[row], lengths[row + 1]]
      if (!here || !below) continue
      here[column] = before[row] === after[column] ? (below[column + 1] ?? 0) + 1 : Math.max(below[column] ?? 0, here[column + 1] ?? 0)
    }
  }
  return lengths
}
