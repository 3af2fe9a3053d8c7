#!/usr/bin/env node
import module from "node:module"

const { node } = process.versions
if (Number.parseInt(node) < 24) {
  // Called by its path it gets the Node that the shell finds first.
  process.stderr.write(
    `hanok needs Node 24 or newer, and this is ${node}. "npx hanok" takes the one that is installed beside it, if any.\n`,
  )
  process.exit(2)
}
// Compiled code is kept between runs, which makes every start but the first a good deal shorter.
module.enableCompileCache?.()
// It is written when a process ends by itself; one that serves may be killed, so it is written once it has started.
setTimeout(() => module.flushCompileCache?.(), 3_000).unref()
await import("#main")
