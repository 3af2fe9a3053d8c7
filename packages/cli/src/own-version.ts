import { createRequire } from "node:module"

/** Of this very package, which is that of all of Hanok's. */
export function ownVersion(): string {
  const { version } = createRequire(import.meta.url)("#manifest") as { readonly version: string }
  return version
}
