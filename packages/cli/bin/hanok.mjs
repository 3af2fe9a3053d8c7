#!/usr/bin/env node
import module from "node:module"

// Compiled code is kept between runs, which makes every start but the first a good deal shorter.
module.enableCompileCache?.()
// It is written when a process ends by itself; one that serves may be killed, so it is written once it has started.
setTimeout(() => module.flushCompileCache?.(), 3_000).unref()
await import("#main")
