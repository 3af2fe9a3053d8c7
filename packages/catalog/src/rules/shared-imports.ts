import { moduleOf } from "../modules.ts"
import type { LinkedFile, SourceGraph } from "../source-graph.ts"
import type { Violation } from "../violation.ts"

/**
 * A file outside of modules that a module imports, at once or through others like it, imports only contracts of modules:
 * otherwise it would be a hidden way from one module into another.
 */
export function sharedImports(graph: SourceGraph): readonly Violation[] {
  return [...sharedFiles(graph)].flatMap(([file, importer]) =>
    file.imports.flatMap(({ file: target, line }) => {
      const owner = target === undefined ? undefined : moduleOf(target, graph.modules)
      if (owner === undefined || target === `${owner}/contract.ts`) return []
      const message = `${file.path} imports ${target}, and is itself imported by ${importer}.`
      return [{ path: file.path, line, rule: "shared-imports", message, allowed: allowed(owner) }]
    }),
  )
}

function allowed(owner: string): string {
  return `A file that modules share imports contracts only: ${owner}/contract.ts. Wiring belongs where no module imports it.`
}

/** The files outside of modules to which imports lead from modules, with one who imports each. */
function sharedFiles({ files }: SourceGraph): ReadonlyMap<LinkedFile, string> {
  const found = new Map<LinkedFile, string>()
  const follow = (from: LinkedFile) => {
    for (const { file } of from.imports) {
      const target = file === undefined ? undefined : files.get(file)
      if (!target || target.module !== undefined || found.has(target)) continue
      found.set(target, from.path)
      follow(target)
    }
  }
  for (const file of files.values()) if (file.module !== undefined && !file.isTest) follow(file)
  return found
}
