import module from "node:module"

// As `hanok` does it: what was compiled in an earlier run is used again.
module.enableCompileCache()
await import("./fastify.mjs")
module.flushCompileCache()
