import { existsSync, watch } from "node:fs"
import { dirname, join, resolve, sep } from "node:path"
import { watchFolders } from "./watch-folders.ts"

const settleMs = 150
const ignored = /(?:^|[/\\])(?:\.|node_modules(?:[/\\]|$))/
const source = /\.(?:[cm]?[jt]s|json|sql)$/
const test = /\.test\.[cm]?ts$/
/** Where the system itself watches a whole tree. */
const isNative = process.platform === "darwin" || process.platform === "win32"

export interface WatchOptions {
  readonly folder: string
  /** What is written there is data, and no source. */
  readonly data: string
  onChange(file: string): void
}

/** Calls back, once for changes that come together, when a source file below the folder has changed. Returns how to stop. */
export function watchSources({ folder, data, onChange }: WatchOptions): () => void {
  let timer: NodeJS.Timeout | undefined
  const isIgnored = (path: string) => ignored.test(path) || `${resolve(folder, path)}${sep}`.startsWith(data + sep)
  const tell = (file: string) => {
    if (isIgnored(file) || !source.test(file) || test.test(file)) return
    clearTimeout(timer)
    timer = setTimeout(() => onChange(file), settleMs)
  }
  const stop = isNative ? watchTree(folder, tell) : watchFolders({ folder, isIgnored, onChange: tell })
  return () => {
    clearTimeout(timer)
    stop()
  }
}

function watchTree(folder: string, tell: (file: string) => void): () => void {
  const watcher = watch(folder, { recursive: true }, (_event, file) => (file === null ? undefined : tell(file)))
  watcher.on("error", () => undefined)
  return () => watcher.close()
}

/** The folder of the package that a file belongs to; its own when there is none. */
export function packageFolderOf(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder
    if (dirname(folder) === folder) return dirname(file)
  }
}
