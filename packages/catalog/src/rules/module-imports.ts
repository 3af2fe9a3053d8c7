import { moduleName } from "../modules.ts"
import type { LinkedFile, LinkedImport, SourceGraph } from "../source-graph.ts"
import type { Violation } from "../violation.ts"

/**
 * A module imports another module's `contract.ts` and nothing else of it. Its tests may also take the neighbour as it is
 * (`module.ts`), with a store in memory (`*.memory.ts`).
 */
export function moduleImports({ files, modules }: SourceGraph): readonly Violation[] {
  return [...files.values()].flatMap((file) =>
    file.imports.flatMap((found) => {
      const owner = modules.find((folder) => found.file?.startsWith(`${folder}/`))
      return file.module === undefined || owner === undefined || owner === file.module || mayImport(file, found, owner)
        ? []
        : [violationOf(file, found, file.module, owner)]
    }),
  )
}

function mayImport({ isTest }: LinkedFile, { file }: LinkedImport, owner: string): boolean {
  if (file === `${owner}/contract.ts`) return true
  return isTest && (file === `${owner}/module.ts` || file?.endsWith(".memory.ts") === true)
}

function violationOf({ path, isTest }: LinkedFile, { line, file }: LinkedImport, own: string, owner: string): Violation {
  const allowed = `${owner}/contract.ts${isTest ? `, and in tests ${owner}/module.ts and *.memory.ts` : ""}`
  return {
    path,
    line,
    rule: "module-imports",
    message: `The module ${moduleName(own)} imports ${file} of the module ${moduleName(owner)}.`,
    allowed: `Of another module, import its contract and nothing else: ${allowed}.`,
  }
}
