import type { Version } from "./version.ts"

/** The version of this process, once it has read its topology. In a file of its own, for the preload is to load nothing else. */
export const here: { version: Version } = { version: "usual" }
