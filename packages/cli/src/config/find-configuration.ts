import { existsSync, statSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { CliError } from "../cli-error.ts"

const fileName = "hanok.config.ts"

/** The absolute path of a configuration; without a path, the nearest `hanok.config.ts` upward from here. Throws when it is not there. */
export function findConfiguration(path: string | undefined): string {
  const file = path === undefined ? findUpward(process.cwd()) : resolve(path)
  if (file !== undefined && isFile(file)) return file
  throw new CliError(
    path === undefined ? `There is no ${fileName} here or above.` : `There is no file ${path}.`,
    "Go to your project's folder, or name the file with --config.",
    2,
  )
}

function findUpward(folder: string): string | undefined {
  const file = join(folder, fileName)
  if (isFile(file)) return file
  const parent = dirname(folder)
  return parent === folder ? undefined : findUpward(parent)
}

function isFile(path: string): boolean {
  return existsSync(path) && !statSync(path).isDirectory()
}
