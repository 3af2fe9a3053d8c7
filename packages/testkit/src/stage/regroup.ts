import { defineTopology } from "@hanok/contract"
import type { Contract, Module, Topology } from "@hanok/contract"
import { createDriver, driverName } from "./driver.ts"
import type { Driver } from "./driver.ts"

/** Modules and a driver for them, grouped into services anew. */
export interface Regrouped {
  readonly topology: Topology
  readonly driver: Driver
  readonly contracts: readonly Contract[]
}

/** The one service of `together`. */
export const onlyService = "main"

/** Everything in one service. */
export function together(name: string, modules: readonly Module[]): Regrouped {
  return regroup(name, modules, () => onlyService)
}

/** Each module, and the driver, in a service of its own that is named like it. */
export function apart(name: string, modules: readonly Module[]): Regrouped {
  return regroup(name, modules, (module) => module)
}

function regroup(name: string, given: readonly Module[], serviceOf: (module: string) => string): Regrouped {
  const contracts = given.map(({ contract }) => contract)
  const names = contracts.map((contract) => contract.name)
  const twice = names.find((one, index) => names.indexOf(one) !== index)
  if (twice !== undefined) throw new Error(`There are two modules for the contract ${twice}; give either the real one or a fake of it.`)
  if (names.includes(driverName))
    throw new Error(`A module is called ${driverName}; that is the name under which tests call. Rename the module.`)
  const driver = createDriver(contracts)
  const modules = [...given, driver.module]
  const services = Object.fromEntries(
    Object.entries(Object.groupBy([...names, driverName], serviceOf)).map(([service, members = []]) => [service, { modules: members }]),
  )
  // Tests come in through the driver: the gateway is in a service that nobody starts.
  return { topology: defineTopology({ name, modules, services, gateway: { service: "gateway" } }), driver, contracts }
}
