import { existsSync, statSync } from "node:fs"
import { dirname, join } from "node:path"

/** The nearest folder upward, itself included, that has a file of that name. */
export function folderWith(name: string, folder: string): string | undefined {
  if (isFile(join(folder, name))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : folderWith(name, parent)
}

export function isFile(path: string): boolean {
  return existsSync(path) && !statSync(path).isDirectory()
}
