import { folderWith } from "../folder-with.ts"

export const rulesFile = "hanok.check.json"

/**
 * The folder whose files belong together: the nearest upward with a `hanok.check.json`, else with a `hanok.config.ts`, else
 * with a `package.json`, else the folder itself. Rules say who may import whom, so that a part is checked within its whole.
 */
export function findRoot(folder: string): string {
  for (const name of [rulesFile, "hanok.config.ts", "package.json"]) {
    const found = folderWith(name, folder)
    if (found !== undefined) return found
  }
  return folder
}
