import { existsSync, lstatSync, readdirSync, realpathSync, watch } from "node:fs"
import type { Dirent, FSWatcher } from "node:fs"
import { join, sep } from "node:path"

export interface FolderWatch {
  readonly folder: string
  /** By its path below the folder. What is below an ignored folder is not looked at. */
  isIgnored(path: string): boolean
  /** A file has been written, replaced or removed, by its path below the folder. */
  onChange(file: string): void
  /** The system watches no more folders, for that reason: `ENOSPC` and the like. */
  onExhausted(code: string): void
}

/** Of watches, and of what a process needs to have any. What is gone or may not be read has other codes, and is left alone. */
const exhausted = new Set(["ENOSPC", "EMFILE", "ENFILE"])

/**
 * Watches a folder and each one below it, for Linux. Node's own recursive watch does that there by watching each file, and
 * loses the one that is replaced by another of its name: the way in which many editors, git and `sed -i` write.
 */
export function watchFolders({ folder, isIgnored, onChange, onExhausted }: FolderWatch): () => void {
  const watchers = new Map<string, FSWatcher>()
  /** What is in those folders, by paths below the root. */
  const files = new Set<string>()
  const root = realpathSync(folder)

  const forget = (path: string): readonly string[] => {
    if (!watchers.has(path)) return []
    for (const [known, watcher] of watchers) {
      if (known !== path && !known.startsWith(path + sep)) continue
      watcher.close()
      watchers.delete(known)
    }
    const below = [...files].filter((file) => file.startsWith(path + sep))
    for (const file of below) files.delete(file)
    return below
  }
  const add = (path: string, onFile: (file: string) => void) => {
    const watcher = watchOne(join(root, path), (event, name) => changed(event, join(path, name)), onExhausted)
    if (!watcher) return
    watchers.set(path, watcher)
    for (const entry of entriesOf(join(root, path))) {
      const below = join(path, entry.name)
      if (isIgnored(below)) continue
      if (entry.isDirectory()) add(below, onFile)
      else {
        files.add(below)
        onFile(below)
      }
    }
  }
  const changed = (event: string, path: string) => {
    if (isIgnored(path)) return
    onChange(path)
    if (event !== "rename") return
    if (existsSync(join(root, path))) files.add(path)
    else files.delete(path)
    const before = forget(path)
    // What is there now under that name may be another folder, with files that came before anybody watched it.
    add(path, onChange)
    // A folder that was moved elsewhere took its files along, of which the system says nothing.
    for (const file of before) if (!files.has(file)) onChange(file)
  }

  add("", () => undefined)
  return () => {
    for (const watcher of watchers.values()) watcher.close()
  }
}

/** Undefined for what is no folder, or is gone already. A link is not followed: it may lead in a circle. */
function watchOne(
  path: string,
  onEvent: (event: string, name: string) => void,
  onExhausted: (code: string) => void,
): FSWatcher | undefined {
  try {
    if (!lstatSync(path).isDirectory()) return undefined
    const watcher = watch(path, (event, name) => (name === null ? undefined : onEvent(event, name)))
    return watcher.on("error", () => undefined)
  } catch (error) {
    if (error instanceof Error && "code" in error && exhausted.has(String(error.code))) onExhausted(String(error.code))
    return undefined
  }
}

function entriesOf(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch {
    return []
  }
}
