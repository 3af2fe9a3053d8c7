import { CliError } from "../cli-error.ts"
import { isAlive } from "../is-alive.ts"
import { readFacts } from "./announce.ts"
import type { DevFacts } from "./announce.ts"

const patienceMs = 1_000

/** Rejects when a `hanok dev` is up in that folder: the database and the traces in it are for one at a time. */
export async function checkNobodyElse(folder: string): Promise<void> {
  const facts = await readFacts(folder)
  if (!facts || !(await isUp(facts))) return
  throw new CliError(
    `hanok dev is running here already: process ${facts.pid}, ${facts.gatewayUrl}`,
    "Stop it first (Ctrl-C there), or give this one a folder of its own: hanok dev --data <folder> --port 0",
    3,
  )
}

// One that was killed leaves its facts behind, and its number may be another program's by now.
async function isUp({ pid, gatewayUrl }: DevFacts): Promise<boolean> {
  if (gatewayUrl === undefined || !isAlive(pid)) return false
  const answer = await fetch(new URL("/health/live", gatewayUrl), { signal: AbortSignal.timeout(patienceMs) }).catch(() => undefined)
  await answer?.body?.cancel()
  return answer !== undefined
}
