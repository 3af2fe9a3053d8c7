import { operationsOf } from "@hanok/contract"
import type { Contract, EventName, EventPayload } from "@hanok/contract"
import type { Address, Edge } from "@hanok/runtime"
import { until } from "../until.ts"
import type { UntilOptions } from "../until.ts"
import type { Caller, TestCall } from "./caller.ts"
import type { Driver } from "./driver.ts"
import type { RecordedEvent } from "./event-log.ts"
import type { LineLog, LogLine } from "./line-log.ts"
import { createScenario } from "./scenario.ts"
import type { Scenario } from "./scenario.ts"

/** Modules that run, and the means to call them and to look at what they do; the same wherever they run. */
export interface Stage {
  /** Calls in the name of a module `test` that declares its use of every contract here. Throws when the contract is not here. */
  client<C extends Contract>(contract: C): Caller<C>
  /** Every event that was emitted, in the order of arrival; it grows. Events need a transactional store, and arrive a moment after their commit. */
  readonly events: readonly RecordedEvent[]
  /** The payloads of one event, in the order of arrival. */
  eventsOf<C extends Contract, E extends EventName<C>>(contract: C, event: E): readonly EventPayload<C["declarations"][E]>[]
  /** Warnings and errors that modules and runtime have logged; all that `HANOK_LOG_LEVEL` allows when that is set. */
  readonly logs: readonly LogLine[]
  /** A stimulus, to be followed by the change that it should cause. */
  scenario<Result>(stimulus: () => Result | Promise<Result>): Scenario<Result>
  /** Looks until it sees something that is not `undefined`, `null` or `false`. */
  until<T>(look: () => T | Promise<T>, options?: UntilOptions): Promise<Exclude<T, undefined | null | false>>
  /** Where each service takes calls of other programs, by its name. */
  readonly addresses: Readonly<Record<string, Address>>
  /** Ends the service of a module without grace, as a crash would. Rejects where the module lives in the test's own process. */
  lose(module: string): Promise<void>
  /** Stops everything that was started for it, and resolves when nothing of it is left. */
  close(): Promise<void>
}

export interface StageParts {
  readonly contracts: readonly Contract[]
  readonly driver: Driver
  readonly edge: Edge
  readonly log: LineLog
  readonly addresses: Readonly<Record<string, Address>>
  lose(module: string): Promise<void>
  close(): Promise<void>
}

export function createStage({ contracts, driver, edge, log, addresses, lose, close }: StageParts): Stage {
  let closing: Promise<void> | undefined
  return {
    client<C extends Contract>(contract: C): Caller<C> {
      if (!contracts.some(({ name }) => name === contract.name)) throw notHere(contract, contracts)
      const functions = operationsOf(contract).map(([operation]) => {
        const call = (input: unknown, options: TestCall = {}) => driver.call(edge, log, contract.name, operation, input, options)
        return [operation, call] as const
      })
      // One function for each operation, which parse what they take and give by the contract: what the mapped type says.
      return Object.fromEntries(functions) as unknown as Caller<C>
    },
    events: driver.events.all,
    eventsOf: (contract, event) => driver.events.payloadsOf(contract, event),
    logs: log.all,
    scenario: (stimulus) => createScenario(driver.events, stimulus),
    until,
    addresses,
    lose,
    close: () => (closing ??= close()),
  }
}

function notHere(contract: Contract, contracts: readonly Contract[]): Error {
  const names = contracts.map(({ name }) => name).join(", ")
  return new Error(`The contract ${contract.name} is not here; there are ${names}. Give its module, or a fake of it.`)
}
