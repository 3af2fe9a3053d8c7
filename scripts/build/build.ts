import { spawnSync } from "node:child_process"
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { rolldown } from "rolldown"
import { entryName, packagesOf } from "./packages.ts"
import type { Manifest, SourcePackage } from "./packages.ts"

/** What was built of one package. */
export interface Built {
  readonly name: string
  readonly folder: string
  /** Of the JavaScript, without source maps and declarations. */
  readonly bytes: number
}

export interface BuildOptions {
  /** The repository. */
  readonly root: string
  /** Packages are put into `node_modules` of this folder, as an application has them. What is there of them is replaced. */
  readonly out: string
}

/**
 * Makes what is published of each package: JavaScript in few files, for Node reads no TypeScript from `node_modules`, and starts
 * the faster the fewer files there are; declarations, and a manifest that leads to both.
 */
export async function build({ root, out }: BuildOptions): Promise<readonly Built[]> {
  const packages = packagesOf(root)
  const types = join(out, "types")
  writeDeclarations(root, types)
  const built: Built[] = []
  for (const source of packages) built.push(await buildOne(root, join(out, "node_modules", source.manifest.name), types, source))
  rmSync(types, { recursive: true })
  return built
}

async function buildOne(root: string, folder: string, types: string, source: SourcePackage): Promise<Built> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const from = join(root, source.folder)
  await bundle(from, folder, source.entries)
  cpSync(join(types, source.folder, "src"), join(folder, "types"), { recursive: true })
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(publishedManifest(source.manifest), undefined, 2)}\n`)
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"))
  for (const name of ["README.md", "bin"])
    if (existsSync(join(from, name))) cpSync(join(from, name), join(folder, name), { recursive: true })
  const bytes = globSync("dist/**/*.js", { cwd: folder }).reduce((sum, path) => sum + statSync(join(folder, path)).size, 0)
  return { name: source.manifest.name, folder, bytes }
}

// What is loaded later is in files of its own; other packages stay what they are.
async function bundle(from: string, folder: string, entries: SourcePackage["entries"]): Promise<void> {
  const input = Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(from, path)]))
  const bundled = await rolldown({ input, platform: "node", external: /^[^./]/, logLevel: "warn" })
  await bundled.write({
    dir: join(folder, "dist"),
    format: "esm",
    sourcemap: true,
    // As if the sources lay in the package: their places in the repository would be outside of it, in the application's folders.
    sourcemapPathTransform: (path, map) => join("..", relative(from, resolve(dirname(map), path))),
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
  })
  await bundled.close()
}

/** The manifest with the built files in place of the sources. */
export function publishedManifest({ imports, exports, ...rest }: Manifest): object {
  const built = (name: string, path: string) => (path.endsWith(".ts") ? `./dist/${entryName(name)}.js` : path)
  const exported = Object.entries(exports).map(
    ([name, path]) => [name, { types: path.replace(/^\.\/src\/(.*)\.ts$/, "./types/$1.d.ts"), default: built(name, path) }] as const,
  )
  return {
    ...rest,
    ...(imports && { imports: Object.fromEntries(Object.entries(imports).map(([name, path]) => [name, built(name, path)])) }),
    exports: Object.fromEntries(exported),
    files: ["bin", "dist", "types"],
    // Of whoever installs it; the repository brings its own.
    engines: { node: ">=24" },
  }
}

function writeDeclarations(root: string, out: string): void {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const config = join(out, "tsconfig.json")
  const include = ["packages/*/src", "adapters/*/src"].map((path) => join(root, path))
  const exclude = ["**/*.test.ts", "**/*.fixture.ts", "**/testing"].map((path) => join(root, path))
  const emitting = { rootDir: root, outDir: out, declaration: true, emitDeclarationOnly: true, noEmit: false }
  const compilerOptions = { ...emitting, typeRoots: [join(root, "node_modules/@types")] }
  writeFileSync(config, JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include, exclude }))
  const { status, stdout, error } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", config], { cwd: root, encoding: "utf8" })
  if (error) throw new Error(`tsc could not be started: ${error.message}. Run this through npm, after \`npm ci\`.`)
  if (status !== 0) throw new Error(`The declarations could not be written:\n${stdout}`)
  // A path of TypeScript in a declaration is the path of a declaration.
  for (const path of globSync("**/*.d.ts", { cwd: out })) {
    const text = readFileSync(join(out, path), "utf8")
    writeFileSync(join(out, path), text.replaceAll(/(from |import\()"(\.{1,2}\/[^"]*)\.ts"/g, '$1"$2.js"'))
  }
}
