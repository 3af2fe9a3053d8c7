import type { Rule } from "../violation.ts"

export interface LineLimits {
  readonly source: number
  /** For `*.test.ts`. */
  readonly test: number
}

/** No file has more lines than that. */
export function fileSize({ source, test }: LineLimits): Rule {
  return ({ files }) =>
    [...files.values()].flatMap(({ path, lines }) => {
      const limit = /\.test(?:-d)?\.[mc]?tsx?$/.test(path) ? test : source
      if (lines <= limit) return []
      const allowed = `A file has at most ${limit} lines: look for the seam in it.`
      return [{ path, line: limit + 1, rule: "file-size", message: `${path} has ${lines} lines.`, allowed }]
    })
}
