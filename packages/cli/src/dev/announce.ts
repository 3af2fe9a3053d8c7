import { mkdirSync, renameSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { ReplicaNews } from "../supervisor/family.ts"
import type { Output } from "./output.ts"

/** What `hanok dev` tells when all is up, and keeps in `dev.json` for other commands. */
export interface DevFacts {
  readonly gatewayUrl: string | undefined
  readonly telemetryUrl: string | undefined
  readonly pid: number
  readonly processes: number
  /** Of the replicas. */
  readonly pids: readonly number[]
}

/**
 * At once: of facts that change twice in a moment the later ones stay, and nothing is left of the others. Whole or not at all: whoever
 * reads them meanwhile, or after a disk was full, finds those before.
 */
export function writeFacts(folder: string, facts: DevFacts): void {
  mkdirSync(folder, { recursive: true })
  const written = `${factsFile(folder)}.new`
  writeFileSync(written, JSON.stringify(facts))
  renameSync(written, factsFile(folder))
}

/** Those of the `hanok dev` that was the last to be up in the folder, if it has not ended as it should. */
export async function readFacts(folder: string): Promise<DevFacts | undefined> {
  const text = await readFile(factsFile(folder), "utf8").catch(() => undefined)
  // Written above; what an earlier version had begun to write when it was killed has no end.
  return text === undefined || !text.endsWith("}") ? undefined : (JSON.parse(text) as DevFacts)
}

export function factsFile(folder: string): string {
  return join(folder, "dev.json")
}

export function announce({ notice }: Output, facts: DevFacts, accounts: unknown, tookMs: number): void {
  notice(`${facts.processes === 1 ? "one process" : `${facts.processes} processes`}, up in ${(tookMs / 1000).toFixed(1)} s`)
  notice(`open        ${facts.gatewayUrl}/docs`)
  notice(`API         ${facts.gatewayUrl}/openapi.json`)
  if (facts.telemetryUrl !== undefined) notice(`traces      ${facts.telemetryUrl}/api/traces (or: hanok trace)`)
  for (const account of accountsOf(accounts)) notice(`sign in     ${account}`)
  notice("Ctrl-C stops everything")
}

/** News of a replica as a person reads it; undefined for what goes without saying. */
export function newsLine({ replica, change, reason, pid }: ReplicaNews): string | undefined {
  if (change === "starting") return reason === "start" ? undefined : `${replica} is starting: ${reason}`
  if (change === "ready") return reason === "start" ? undefined : `${replica} is ready (process ${pid})`
  if (change === "waiting") return `${replica} waits ${reason}`
  if (change === "draining") return reason === "stopping" ? undefined : `${replica} finishes what it has and leaves: ${reason}`
  if (change === "crashed") return `${replica} ended: ${reason}`
  if (change === "failed") return `${replica} does not start: ${reason}`
  return undefined
}

function accountsOf(seeded: unknown): readonly string[] {
  if (!Array.isArray(seeded)) return []
  return seeded.flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null || !("email" in entry) || !("password" in entry)) return []
    const role = "role" in entry ? ` (${String(entry.role)})` : ""
    return [`${String(entry.email)} / ${String(entry.password)}${role}`]
  })
}
