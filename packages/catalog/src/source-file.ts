/** A file of the checked folder, with its text. */
export interface SourceFile {
  /** From the folder's root, with `/` between its parts. */
  readonly path: string
  readonly text: string
}

/** Files that only tests use: they may reach further than others. */
export function isTestFile(path: string): boolean {
  return /\.test(?:-d)?\.[mc]?tsx?$|(?:^|\/)(?:tests?|testing|__tests__|fixtures)\//.test(path)
}

export function isTypeScript(path: string): boolean {
  return /\.[mc]?tsx?$/.test(path)
}

/** The number of the line, from 1, in which each of the offsets stands. */
export function lineCounter(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1)
  return (offset) => {
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}
