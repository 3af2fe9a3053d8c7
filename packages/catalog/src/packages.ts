import { posix } from "node:path"
import { parseJson } from "./parse-json.ts"
import type { SourceFile } from "./source-file.ts"

/** A folder with a package.json. */
export interface Manifest {
  /** From the root of what is checked; empty for the root itself. */
  readonly folder: string
  readonly name: string | undefined
  /** Its own names for its files, as they are written: `#…`. */
  readonly imports: unknown
  /** The names that others have for its files, as they are written. */
  readonly exports: unknown
}

/** A package whose source is in the checked folder. */
export interface LocalPackage extends Manifest {
  readonly name: string
}

/** All manifests among the files, the deepest folder first. */
export function manifestsOf(files: readonly SourceFile[]): readonly Manifest[] {
  return files
    .filter(({ path }) => posix.basename(path) === "package.json")
    .flatMap(({ path, text }) => {
      const folder = posix.dirname(path)
      const content = contentOf(text)
      if (!content) return []
      const { name, imports, exports = content["main"] } = content
      return [{ folder: folder === "." ? "" : folder, name: typeof name === "string" ? name : undefined, imports, exports }]
    })
    .toSorted((one, other) => other.folder.length - one.folder.length)
}

/** The named packages among manifests. */
export function packagesOf(manifests: readonly Manifest[]): readonly LocalPackage[] {
  return manifests.filter((manifest): manifest is LocalPackage => manifest.name !== undefined)
}

/** The one in whose folder a file is. */
export function ownerOf<T extends Manifest>(path: string, manifests: readonly T[]): T | undefined {
  return manifests.find(({ folder }) => folder === "" || path.startsWith(`${folder}/`))
}

function contentOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const content = parseJson(text)
    // An object of JSON.
    return typeof content === "object" && content !== null ? (content as Readonly<Record<string, unknown>>) : undefined
  } catch {
    // npm tells about a package.json that is not JSON before this can matter.
    return undefined
  }
}
