import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** A package's manifest, as far as a build looks at it. Fields that it does not know are kept. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly imports?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A package that is published. */
export interface SourcePackage {
  /** Relative to the repository. */
  readonly folder: string
  readonly manifest: Manifest
  /** Files that others name, relative to the package's folder, by the name that each has when it is built. */
  readonly entries: Readonly<Record<string, string>>
}

/** All packages of the repository that are published, by name. */
export function packagesOf(root: string): readonly SourcePackage[] {
  const folders = globSync("{packages,adapters}/*/package.json", { cwd: root }).map((path) => dirname(path))
  return folders
    .map((folder) => sourcePackage(folder, JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest))
    .filter(({ manifest }) => manifest.private !== true)
    .toSorted((one, other) => one.manifest.name.localeCompare(other.manifest.name))
}

function sourcePackage(folder: string, manifest: Manifest): SourcePackage {
  const named = [...Object.entries(manifest.exports), ...Object.entries(manifest.imports ?? {})]
  const entries = named.filter(([, path]) => path.endsWith(".ts")).map(([name, path]) => [entryName(name), path] as const)
  return { folder, manifest, entries: Object.fromEntries(entries) }
}

/** `index` for a package's main entry, else the name without its first mark: `./embedded`, `#main`. */
export function entryName(name: string): string {
  return name === "." ? "index" : name.replace(/^(\.\/|#)/, "")
}
