import { mkdirSync } from "node:fs"

/**
 * Makes the folder for data, open to its owner only: what is traced, what is logged and the database's files are nobody else's. One that
 * is there stays as it is, for whoever made it may share it.
 */
export function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch {
    // Where it cannot be made, whoever needs it says so.
  }
}
