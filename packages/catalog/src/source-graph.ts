import { posix } from "node:path"
import { importsOf, SourceError } from "./imports.ts"
import type { Import } from "./imports.ts"
import { modulesOf, moduleOf } from "./modules.ts"
import { targetsOf } from "./package-targets.ts"
import { manifestsOf, ownerOf, packagesOf } from "./packages.ts"
import type { LocalPackage, Manifest } from "./packages.ts"
import { isTestFile, isTypeScript } from "./source-file.ts"
import type { SourceFile } from "./source-file.ts"

/** An import, and where it leads. */
export interface LinkedImport extends Import {
  /** The path of what is imported, if it is imported by path or from a package of the folder; not all of these are files that were read. */
  readonly file: string | undefined
  /** The imported package's name, if it is imported by name. */
  readonly package: string | undefined
}

/** A TypeScript file among others. */
export interface LinkedFile {
  readonly path: string
  readonly lines: number
  readonly isTest: boolean
  /** The folder of the module to which it belongs. */
  readonly module: string | undefined
  readonly package: LocalPackage | undefined
  readonly imports: readonly LinkedImport[]
}

/** A file that could not be read, so that nothing is known about what it imports. */
export interface UnreadFile {
  readonly path: string
  readonly line: number
  readonly message: string
}

export interface SourceGraph {
  readonly files: ReadonlyMap<string, LinkedFile>
  readonly packages: readonly LocalPackage[]
  /** The folders of all modules. */
  readonly modules: readonly string[]
  readonly unread: readonly UnreadFile[]
}

/** Who imports what among the files. */
export function sourceGraphOf(files: readonly SourceFile[]): SourceGraph {
  const paths = new Set(files.map(({ path }) => path))
  const manifests = manifestsOf(files)
  const packages = packagesOf(manifests)
  const modules = modulesOf(paths)
  const unread: UnreadFile[] = []
  const linked = files
    .filter(({ path }) => isTypeScript(path))
    .map(({ path, text }): LinkedFile => {
      const imports = importsOrNone(path, text, unread).flatMap((each) => link(each, path, { paths, manifests, packages }))
      const lines = text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0)
      const module = moduleOf(path, modules)
      return { path, lines, isTest: isTestFile(withoutName(module, path)), module, package: ownerOf(path, packages), imports }
    })
  return { files: new Map(linked.map((file) => [file.path, file])), packages, modules, unread }
}

// A module may be called `testing`, and is none because of it.
function withoutName(module: string | undefined, path: string): string {
  return module === undefined ? path : posix.dirname(module) + path.slice(module.length)
}

function importsOrNone(path: string, text: string, unread: UnreadFile[]): readonly Import[] {
  try {
    return importsOf(text, path)
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    unread.push({ path, line: error.line, message: error.message })
    return []
  }
}

interface Known {
  readonly paths: ReadonlySet<string>
  readonly manifests: readonly Manifest[]
  readonly packages: readonly LocalPackage[]
}

// A name may lead to several files, under different conditions.
function link(found: Import, from: string, known: Known): readonly LinkedImport[] {
  const { specifier } = found
  if (isPath(specifier)) return [pathImport(found, posix.dirname(from), specifier, known)]
  if (!specifier.startsWith("#")) return named(found, specifier, known)
  const own = ownerOf(from, known.manifests)
  if (!own) return []
  return targetsOf(own.imports, specifier).flatMap((target) =>
    isPath(target) ? [pathImport(found, own.folder, target, known)] : named(found, target, known),
  )
}

function isPath(specifier: string): boolean {
  return /^\.{1,2}(?:\/|$)/.test(specifier)
}

function pathImport(found: Import, folder: string, path: string, { paths }: Known): LinkedImport {
  return { ...found, file: resolve(posix.join(folder, path), paths), package: undefined }
}

function named(found: Import, specifier: string, { paths, packages }: Known): readonly LinkedImport[] {
  const name = specifier.startsWith("@") ? specifier.split("/", 2).join("/") : specifier.split("/", 1).join()
  const leadingTo = (file: string | undefined): LinkedImport => ({ ...found, file, package: name })
  const local = packages.find((each) => each.name === name)
  if (!local) return [leadingTo(undefined)]
  const inside = `.${specifier.slice(name.length)}`
  const targets = targetsOf(local.exports, inside)
  return (targets.length > 0 ? targets : [inside]).map((target) => leadingTo(resolve(posix.join(local.folder, target), paths)))
}

// What is not read, JavaScript or JSON for example, is where its path says.
function resolve(specified: string, paths: ReadonlySet<string>): string {
  // Node takes the same file once more for each query.
  const target = specified.replace(/[?#].*$/, "")
  const [typed, markup] = [target.replace(/\.([mc]?)js$/, ".$1ts"), target.replace(/\.jsx?$/, ".tsx")]
  return [target, typed, markup, `${target}.ts`, `${target}.tsx`, `${target}/index.ts`].find((path) => paths.has(path)) ?? target
}
