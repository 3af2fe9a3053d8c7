import { createAddressBook, startService } from "@hanok/runtime"
import type { RunningService } from "@hanok/runtime"
import { serves } from "../stage/ready.ts"
import { apart } from "../stage/regroup.ts"
import type { FromService, ToService } from "./message.ts"
import { parseTopology } from "./parse-topology.ts"

/*
 * The program of a process with one service of the seam matrix: `node service-process.ts <topology URL> <service>`.
 * It talks with the test's process by Node's channel, and ends when that closes, so it never outlives the test.
 */
const [topologyUrl = "", name = ""] = process.argv.slice(2)
const closeWithinMs = 3_000
const book = createAddressBook()
let running: RunningService | undefined

process.on("message", ({ addresses }: ToService) => {
  book.update(Object.fromEntries(Object.entries(addresses).map(([service, address]) => [service, [address]])))
})
process.on("disconnect", () => void end())
void begin()

async function begin(): Promise<void> {
  try {
    const { name: app, modules } = parseTopology(await import(topologyUrl), topologyUrl)
    const { topology } = apart(app, modules)
    running = await startService({ topology, service: name, env: process.env, discovery: book })
    await serves(running)
    tell({ serves: running.seamAddress })
  } catch (error) {
    tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

async function end(): Promise<void> {
  setTimeout(() => process.exit(1), closeWithinMs).unref()
  await running?.close({ graceMs: 0 })
  process.exit(0)
}

function tell(message: FromService): void {
  // The test's process may have ended without this one having seen it: nobody is left to be told of that.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}
