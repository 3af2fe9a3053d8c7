import { existsSync, watch } from "node:fs"
import { dirname, join, resolve, sep } from "node:path"

const settleMs = 150
const ignored = /(?:^|[/\\])(?:\.|node_modules(?:[/\\]|$))/
const source = /\.(?:ts|js|mjs|cjs|json|sql)$/

export interface WatchOptions {
  readonly folder: string
  /** What is written there is data, and no source. */
  readonly data: string
  onChange(file: string): void
}

/** Calls back, once for changes that come together, when a source file below the folder has changed. Returns how to stop. */
export function watchSources({ folder, data, onChange }: WatchOptions): () => void {
  let timer: NodeJS.Timeout | undefined
  const watcher = watch(folder, { recursive: true }, (_event, file) => {
    if (file === null || ignored.test(file) || !source.test(file) || file.endsWith(".test.ts")) return
    if (resolve(folder, file).startsWith(data + sep)) return
    clearTimeout(timer)
    timer = setTimeout(() => onChange(file), settleMs)
  })
  watcher.on("error", () => undefined)
  return () => {
    clearTimeout(timer)
    watcher.close()
  }
}

/** The folder of the package that a file belongs to; its own when there is none. */
export function packageFolderOf(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder
    if (dirname(folder) === folder) return dirname(file)
  }
}
