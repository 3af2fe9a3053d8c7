import { createAddressBook } from "@hanok/runtime"
import type { Address, AddressBook, RunningService } from "@hanok/runtime"
import { driverName } from "../stage/driver.ts"
import type { Environment } from "../stage/environment.ts"
import { startLogged } from "../stage/inline.ts"
import { LineLog } from "../stage/line-log.ts"
import type { Regrouped } from "../stage/regroup.ts"
import { createStage } from "../stage/stage.ts"
import type { Stage } from "../stage/stage.ts"
import { closeAll, openAll } from "./open-all.ts"
import type { Closeable } from "./open-all.ts"
import { untilJoined } from "./until-joined.ts"

/** One service that others can find. */
export interface Reachable extends Closeable {
  readonly name: string
  readonly address: Address
  /** Ends it as a crash would. */
  lose(): Promise<void>
}

/** Each module in a service of its own, all of them in this process. */
export async function openWire(regrouped: Regrouped, env: Environment): Promise<Stage> {
  const book = createAddressBook()
  const log = new LineLog()
  const start = async ({ name }: { readonly name: string }): Promise<Reachable> => {
    const service = await startLogged(regrouped, name, env, log, book)
    return reachable(name, service)
  }
  return openAround({ regrouped, env, log, book, start, onAddresses: () => undefined })
}

export interface Surroundings {
  readonly regrouped: Regrouped
  readonly env: Environment
  readonly log: LineLog
  readonly book: AddressBook
  /** Starts the service of a module; resolves when it serves. */
  start(contract: { readonly name: string }): Promise<Reachable>
  /** Told where everybody is, the driver too. */
  onAddresses(addresses: Readonly<Record<string, Address>>): void
}

/** Starts the driver in this process and the service of each module where `start` puts it, and makes them known to each other. */
export async function openAround({ regrouped, env, log, book, start, onAddresses }: Surroundings): Promise<Stage> {
  const driver = await startLogged(regrouped, driverName, env, log, book)
  const services = await openAll([Promise.resolve(reachable(driverName, driver)), ...regrouped.contracts.map(start)])
  const addresses = Object.fromEntries(services.map(({ name, address }) => [name, address]))
  book.update(Object.fromEntries(services.map(({ name, address }) => [name, [address]])))
  onAddresses(addresses)
  await untilJoined(services, regrouped.topology).catch(async (error: unknown) => {
    await closeAll(services)
    throw error
  })
  return createStage({
    contracts: regrouped.contracts,
    driver: regrouped.driver,
    edge: driver.host.edge,
    log,
    addresses,
    lose: (module) => lose(services, module),
    async close() {
      await closeAll(services)
      book.close()
    },
  })
}

async function lose(services: readonly Reachable[], module: string): Promise<void> {
  const service = services.find(({ name }) => name === module && name !== driverName)
  if (!service) throw new Error(`There is no module ${module} to lose.`)
  await service.lose()
}

function reachable(name: string, service: RunningService): Reachable {
  const close = () => service.close({ graceMs: 0 })
  return { name, address: service.seamAddress, lose: close, close }
}
