import { posix } from "node:path"
import type { SourceFile } from "./source-file.ts"

/** A package whose source is in the checked folder. */
export interface LocalPackage {
  readonly name: string
  /** From the folder's root; empty for the root itself. */
  readonly folder: string
}

/** The named packages among the files, the deepest folder first. */
export function packagesOf(files: readonly SourceFile[]): readonly LocalPackage[] {
  return files
    .filter(({ path }) => posix.basename(path) === "package.json")
    .flatMap(({ path, text }) => {
      const name = nameIn(text)
      const folder = posix.dirname(path)
      return name === undefined ? [] : [{ name, folder: folder === "." ? "" : folder }]
    })
    .toSorted((one, other) => other.folder.length - one.folder.length)
}

/** The package in whose folder a file is. */
export function packageOf(path: string, packages: readonly LocalPackage[]): LocalPackage | undefined {
  return packages.find(({ folder }) => folder === "" || path.startsWith(`${folder}/`))
}

function nameIn(text: string): string | undefined {
  try {
    const content: unknown = JSON.parse(text)
    const isNamed = typeof content === "object" && content !== null && "name" in content && typeof content.name === "string"
    return isNamed ? String(content.name) : undefined
  } catch {
    // npm tells about a package.json that is not JSON before this can matter.
    return undefined
  }
}
