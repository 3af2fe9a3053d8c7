import { sourceGraphOf } from "./source-graph.ts"
import type { UnreadFile } from "./source-graph.ts"
import type { SourceFile } from "./source-file.ts"
import type { Rule, Violation } from "./violation.ts"

export interface ImportReport {
  /** All of them, by file and line. */
  readonly violations: readonly Violation[]
  /** Files about which nothing is known because they cannot be parsed. */
  readonly unread: readonly UnreadFile[]
  /** How many TypeScript files there are. */
  readonly files: number
  /** The folders of the modules found. */
  readonly modules: readonly string[]
}

/**
 * Holds files to rules.
 * @example
 * const { violations } = checkImports(await readSources("."), [moduleImports, sharedImports])
 */
export function checkImports(files: readonly SourceFile[], rules: readonly Rule[]): ImportReport {
  const graph = sourceGraphOf(files)
  const violations = rules.flatMap((rule) => rule(graph)).toSorted(byPlace)
  return { violations, unread: graph.unread, files: graph.files.size, modules: graph.modules.toSorted() }
}

function byPlace(one: Violation, other: Violation): number {
  return one.path === other.path ? one.line - other.line : one.path < other.path ? -1 : 1
}
