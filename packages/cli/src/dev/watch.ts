import { watch } from "node:fs"
import { join, relative, resolve } from "node:path"
import { isWithin } from "../is-within.ts"
import { watchFolders } from "./watch-folders.ts"

const settleMs = 150
/** What changes without a pause, such as a file that a program writes again and again, puts it off no longer; a version can start meanwhile. */
const longestSettleMs = 10_000
const ignored = /(?:^|[/\\])(?:\.|node_modules(?:[/\\]|$))/
const source = /\.(?:[cm]?[jt]s|json|sql)$/
const test = /\.test\.[cm]?ts$/
/** What `hanok dev` writes where data lives. */
const written = ["dev.json", "postgres", "telemetry"]
/** Where the system itself watches a whole tree. */
const isNative = process.platform === "darwin" || process.platform === "win32"

export interface WatchOptions {
  readonly folders: readonly [string, ...string[]]
  /** Where data lives. What is in it is no source, unless a folder is in it. */
  readonly data: string
  /** A file is told by its path from the first folder. */
  onChange(file: string): void
  /** From now on not every change is seen. Told once, with what to do. */
  onTrouble(message: string): void
}

/** Calls back, once for changes that come together, when a source file below the folders has changed. Returns how to stop. */
export function watchSources({ folders, data, onChange, onTrouble }: WatchOptions): () => void {
  let isExhausted = false
  let timer: NodeJS.Timeout | undefined
  let longest: NodeJS.Timeout | undefined
  const forget = () => {
    clearTimeout(timer)
    clearTimeout(longest)
    longest = undefined
  }
  const tell = (file: string) => {
    const settle = () => {
      forget()
      onChange(relative(folders[0], file))
    }
    clearTimeout(timer)
    timer = setTimeout(settle, settleMs)
    longest ??= setTimeout(settle, longestSettleMs)
  }
  const onExhausted = (code: string) => {
    if (!isExhausted) onTrouble(exhaustion(code))
    isExhausted = true
  }
  const stops = folders.map((folder) => {
    const noSources = isWithin(folder, data) ? written.map((name) => join(data, name)) : [data]
    const isIgnored = (path: string) => ignored.test(path) || noSources.some((place) => isWithin(resolve(folder, path), place))
    const onFile = (path: string) => {
      if (!isIgnored(path) && source.test(path) && !test.test(path)) tell(join(folder, path))
    }
    return isNative ? watchTree(folder, onFile) : watchFolders({ folder, isIgnored, onChange: onFile, onExhausted })
  })
  return () => {
    forget()
    for (const stop of stops) stop()
  }
}

function exhaustion(code: string): string {
  const limit = code === "ENOSPC" ? "max_user_watches" : "max_user_instances"
  const hint = `Raise fs.inotify.${limit} and start again; until then SIGHUP reloads.`
  return `not every change is seen: the system has no room for more watches (${code})\n  ${hint}`
}

function watchTree(folder: string, tell: (file: string) => void): () => void {
  const watcher = watch(folder, { recursive: true }, (_event, file) => (file === null ? undefined : tell(file)))
  watcher.on("error", () => undefined)
  return () => watcher.close()
}
