import { posix } from "node:path"
import { importsOf, SourceError } from "./imports.ts"
import type { Import } from "./imports.ts"
import { modulesOf, moduleOf } from "./modules.ts"
import { packageOf, packagesOf } from "./packages.ts"
import type { LocalPackage } from "./packages.ts"
import { isTestFile, isTypeScript } from "./source-file.ts"
import type { SourceFile } from "./source-file.ts"

/** An import, and where it leads. */
export interface LinkedImport extends Import {
  /** The imported file, if it is one of the folder's. */
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
  const packages = packagesOf(files)
  const modules = modulesOf(paths)
  const unread: UnreadFile[] = []
  const linked = files
    .filter(({ path }) => isTypeScript(path))
    .map(({ path, text }): LinkedFile => {
      const imports = importsOrNone(path, text, unread).map((each) => link(each, path, paths, packages))
      const lines = text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0)
      return { path, lines, isTest: isTestFile(path), module: moduleOf(path, modules), package: packageOf(path, packages), imports }
    })
  return { files: new Map(linked.map((file) => [file.path, file])), packages, modules, unread }
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

function link(found: Import, from: string, paths: ReadonlySet<string>, packages: readonly LocalPackage[]): LinkedImport {
  const { specifier } = found
  if (/^\.{1,2}(?:\/|$)/.test(specifier)) {
    return { ...found, file: resolve(posix.join(posix.dirname(from), specifier), paths), package: undefined }
  }
  const name = specifier.startsWith("@") ? specifier.split("/", 2).join("/") : specifier.split("/", 1).join()
  const local = packages.find((each) => each.name === name)
  return { ...found, file: local && resolve(posix.join(local.folder, `.${specifier.slice(name.length)}`), paths), package: name }
}

function resolve(target: string, paths: ReadonlySet<string>): string | undefined {
  const withoutEnding = target.replace(/\.([mc]?)js$/, ".$1ts")
  return [target, withoutEnding, `${target}.ts`, `${target}.tsx`, `${target}/index.ts`].find((path) => paths.has(path))
}
