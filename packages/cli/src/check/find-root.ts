import { existsSync } from "node:fs"
import { dirname, join } from "node:path"

export const rulesFile = "hanok.check.json"

/**
 * The folder whose files belong together: the nearest upward with a `hanok.check.json`, else with a `hanok.config.ts`, else
 * with a `package.json`, else the folder itself. Rules say who may import whom, so that a part is checked within its whole.
 */
export function findRoot(folder: string): string {
  for (const name of [rulesFile, "hanok.config.ts", "package.json"]) {
    const found = upward(folder, name)
    if (found !== undefined) return found
  }
  return folder
}

function upward(folder: string, name: string): string | undefined {
  if (existsSync(join(folder, name))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : upward(parent, name)
}
