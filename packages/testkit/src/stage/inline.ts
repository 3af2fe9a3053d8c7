import { createAddressBook, createLog, startService } from "@hanok/runtime"
import type { RunningService } from "@hanok/runtime"
import type { Environment } from "./environment.ts"
import { LineLog } from "./line-log.ts"
import { serves } from "./ready.ts"
import { onlyService } from "./regroup.ts"
import type { Regrouped } from "./regroup.ts"
import { createStage } from "./stage.ts"
import type { Stage } from "./stage.ts"

/** All modules in this process, joined by inline seams, and the service that they are. */
export async function openInline(regrouped: Regrouped, env: Environment): Promise<readonly [Stage, RunningService]> {
  const { topology, driver, contracts } = regrouped
  const log = new LineLog()
  const service = await startLogged(regrouped, onlyService, env, log, createAddressBook())
  const stage = createStage({
    contracts,
    driver,
    edge: service.host.edge,
    log,
    addresses: { [onlyService]: service.seamAddress },
    lose: (module) => Promise.reject(new Error(`${module} lives in the test's own process (${topology.name}); it cannot be lost.`)),
    close: () => service.close({ graceMs: 0 }),
  })
  return [stage, service]
}

/** Starts one service of it in this process; resolves when it serves. Its log goes to `log`. */
export async function startLogged(
  { topology }: Regrouped,
  name: string,
  env: Environment,
  log: LineLog,
  discovery: ReturnType<typeof createAddressBook>,
): Promise<RunningService> {
  const destination = { write: (line: string) => void log.write(line) }
  const pino = createLog({ service: name, instance: "test", level: env["HANOK_LOG_LEVEL"] ?? "warn", destination })
  const service = await startService({ topology, service: name, env, discovery, log: pino })
  try {
    await serves(service)
    return service
  } catch (error) {
    await service.close({ graceMs: 0 })
    throw error
  }
}
