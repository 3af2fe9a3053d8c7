#!/usr/bin/env node
import { lstatSync, mkdirSync } from "node:fs"
import module from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"

const { node } = process.versions
if (Number.parseInt(node) < 24) {
  // Called by its path it gets the Node that the shell finds first.
  process.stderr.write(
    `hanok needs Node 24 or newer, and this is ${node}. "npx hanok" takes the one that is installed beside it, if any.\n`,
  )
  process.exit(2)
}
// Compiled code is kept between runs, which makes every start but the first a good deal shorter.
const cache = ownFolder()
if (cache !== undefined) module.enableCompileCache(cache)
// It is written when a process ends by itself; one that serves may be killed, so it is written once it has started.
setTimeout(() => module.flushCompileCache(), 3_000).unref()
await import("#main")

// Not where Node keeps it when it is told nothing, a folder in /tmp that anybody may have made: what is kept there runs in our name.
function ownFolder() {
  const uid = process.getuid?.() ?? ""
  const folder = join(tmpdir(), `hanok-compile-cache-${uid}`)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const found = lstatSync(folder)
    const isOurs = found.isDirectory() && (uid === "" || (found.uid === uid && (found.mode & 0o022) === 0))
    return isOurs ? folder : undefined
  } catch {
    // A start without it takes longer.
    return undefined
  }
}
