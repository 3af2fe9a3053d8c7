import type { LinkedFile, LinkedImport } from "../source-graph.ts"
import type { Rule, Violation } from "../violation.ts"

/** What a package may import of the workspace's other packages, by their names; `*` is all of them. */
export interface PackageAllowance {
  readonly imports: readonly string[]
  /** What it may also import types of. */
  readonly types?: readonly string[]
  /** What its tests may also import. */
  readonly tests?: readonly string[]
}

/** Packages of the workspace import each other as it is written down, and by name. A package that is not written down may import none. */
export function packageImports(allowances: Readonly<Record<string, PackageAllowance>>): Rule {
  // By the names themselves: an object has `constructor`, whatever is in it.
  const known = new Map(Object.entries(allowances))
  return ({ files, packages }) => {
    const names = new Set(packages.map(({ name }) => name))
    return [...files.values()].flatMap((file) => {
      const own = file.package
      if (own === undefined || (own.folder === "" && !known.has(own.name))) return []
      const allowance = known.get(own.name) ?? { imports: [] }
      return file.imports.flatMap((found) => {
        const by = found.package === undefined ? byPath(file, found, files) : undefined
        if (by) return [by]
        const foreign = found.package !== undefined && found.package !== own.name && names.has(found.package)
        return foreign && !isAllowed(found, file, allowance) ? [violationOf(file, found, own.name, allowance)] : []
      })
    })
  }
}

function isAllowed({ package: name = "", typeOnly }: LinkedImport, { isTest }: LinkedFile, { imports, types, tests }: PackageAllowance) {
  const names = new Set([...imports, ...(typeOnly ? (types ?? []) : []), ...(isTest ? (tests ?? []) : [])])
  return names.has(name) || names.has("*")
}

function violationOf({ path }: LinkedFile, { line, package: name }: LinkedImport, own: string, allowance: PackageAllowance): Violation {
  const { imports, types = [], tests = [] } = allowance
  const allowed = [
    imports.length === 0 ? "no package of the workspace" : imports.join(", "),
    ...(types.length === 0 ? [] : [`types of ${types.join(", ")}`]),
    ...(tests.length === 0 ? [] : [`in tests ${tests.join(", ")}`]),
  ]
  const message = `${own} imports ${name}.`
  return { path, line, rule: "package-imports", message, allowed: `${own} may import ${allowed.join("; ")}.` }
}

function byPath({ path, package: own }: LinkedFile, found: LinkedImport, files: ReadonlyMap<string, LinkedFile>): Violation | undefined {
  const target = found.file === undefined ? undefined : files.get(found.file)?.package
  // A file of the root, for example its scripts, is not part of a package that others could name.
  if (target === undefined || target === own || target.folder === "") return undefined
  const message = `${path} imports ${found.file} of ${target.name} by its path.`
  return { path, line: found.line, rule: "package-by-name", message, allowed: `Import another package by name: "${target.name}".` }
}
