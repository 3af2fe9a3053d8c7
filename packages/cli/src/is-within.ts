import { sep } from "node:path"

/** Whether the path is that of the folder, or of something below it; both absolute. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}
