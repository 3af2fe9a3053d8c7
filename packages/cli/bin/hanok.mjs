#!/usr/bin/env node
import module from "node:module"

// Compiled code is kept between runs, which makes every start but the first a good deal shorter.
module.enableCompileCache?.()
await import("../src/main.ts")
