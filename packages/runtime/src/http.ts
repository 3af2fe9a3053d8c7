/**
 * Node's `http`, without what an `import` of it brings along: that also asks for its `WebSocket`, which loads all of undici,
 * a tenth of a small service's start.
 */
export const { createServer, request, STATUS_CODES } = process.getBuiltinModule("node:http")
