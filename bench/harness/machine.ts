import { readFileSync } from "node:fs"
import { cpus, loadavg, release, totalmem } from "node:os"
import { createRequire } from "node:module"

/** What the figures were measured on, a line each. `idle`: what cores do that have nothing to do. */
export function machine(idle: string): readonly string[] {
  const processors = cpus()
  return [
    `${processors.length} × ${processors[0]?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}; ${idle}`,
    `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    `load average before the run: ${loadavg()
      .map((load) => load.toFixed(2))
      .join(" ")}`,
    `peers: ${peers().join(", ")}`,
  ]
}

function peers(): readonly string[] {
  const manifest = new URL("../package.json", import.meta.url)
  // The manifest is this benchmark's own.
  const { dependencies } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly dependencies: Readonly<Record<string, string>> }
  return Object.entries(dependencies).map(([name, version]) => `${name} ${version}`)
}

/** Whether the peers are installed. */
export function hasPeers(): boolean {
  try {
    createRequire(import.meta.url).resolve("moleculer")
    return true
  } catch {
    return false
  }
}
