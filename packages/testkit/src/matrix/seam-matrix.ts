import { checkTopology, WiringError } from "@hanok/contract"
import type { Topology } from "@hanok/contract"
import { environmentOf } from "../stage/environment.ts"
import type { Environment } from "../stage/environment.ts"
import { openInline } from "../stage/inline.ts"
import { apart, together } from "../stage/regroup.ts"
import type { Stage } from "../stage/stage.ts"
import { parseTopology } from "./parse-topology.ts"
import { openProcesses } from "./processes.ts"
import { openWire } from "./wire.ts"

export interface SeamMatrixOptions {
  /**
   * The file whose default export is the topology; other processes import it too. Its modules count, not its services.
   * @example new URL("./topology.ts", import.meta.url)
   */
  readonly topology: URL
  /** Added to the test's own environment, in all processes; a real store finds `DATABASE_URL` here. */
  readonly env?: Environment
}

export type SeamRunnerName = "inline" | "wire" | "processes"

/** One way for modules to be joined. */
export interface SeamRunner {
  /**
   * `inline`: all modules in one service, in the test's process. `wire`: each in a service of its own, all in the test's
   * process, joined by the real wire. `processes`: each in a service and a process of its own.
   */
  readonly name: SeamRunnerName
  /** Starts the modules anew; resolves when all can serve. `env` is added to that of the matrix. Rejects with all faults of the wiring. */
  open(options?: { readonly env?: Environment }): Promise<Stage>
}

/**
 * The ways for modules to be joined, so that one set of tests runs in each of them.
 * @example
 * const matrix = seamMatrix({ topology: new URL("./topology.ts", import.meta.url) })
 * describe.each(matrix)("gifts, $name", (runner) => {
 *   let stage: Stage
 *   beforeAll(async () => void (stage = await runner.open()), 60_000)
 *   afterAll(() => stage.close())
 *   test("...", async () => { await stage.client(giftContract).claimGift({ giftId: "g1" }) })
 * })
 */
export function seamMatrix({ topology, env: shared = {} }: SeamMatrixOptions): readonly SeamRunner[] {
  const runner = (name: SeamRunnerName, open: Opening): SeamRunner => ({
    name,
    open: async ({ env = {} } = {}) => open(await importTopology(topology), environmentOf({ ...shared, ...env })),
  })
  return [
    runner("inline", async (known, env) => (await openInline(together(known.name, known.modules), env))[0]),
    runner("wire", (known, env) => openWire(apart(known.name, known.modules), env)),
    runner("processes", (known, env) => openProcesses(apart(known.name, known.modules), topology, env)),
  ]
}

type Opening = (topology: Topology, env: Environment) => Promise<Stage>

async function importTopology(url: URL): Promise<Topology> {
  const topology = parseTopology(await import(url.href), url.href)
  // Modules that are wired wrong would be waited for in vain, and nobody told why.
  const problems = checkTopology(topology)
  if (problems.length > 0) throw new WiringError(topology.name, problems)
  return topology
}
