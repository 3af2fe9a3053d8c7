import { watch } from "node:fs"

const settleMs = 150
const ignored = /(?:^|[/\\])(?:\.|node_modules(?:[/\\]|$))/
const source = /\.(?:ts|js|mjs|cjs|json|sql)$/

/** Calls back, once for changes that come together, when a source file below `folder` has changed. Returns how to stop. */
export function watchSources(folder: string, onChange: (file: string) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const watcher = watch(folder, { recursive: true }, (_event, file) => {
    if (file === null || ignored.test(file) || !source.test(file) || file.endsWith(".test.ts")) return
    clearTimeout(timer)
    timer = setTimeout(() => onChange(file), settleMs)
  })
  watcher.on("error", () => undefined)
  return () => {
    clearTimeout(timer)
    watcher.close()
  }
}
