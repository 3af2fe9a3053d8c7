import { gatewayCaller, operationsOf } from "@hanok/contract"
import type { Module, Operation, Topology } from "@hanok/contract"

/** Tells whether a seam from a module to a contract is declared: a module that does not declare `uses` cannot call. */
export function callRules(topology: Topology): (caller: string, contract: string) => boolean {
  const used = new Map(topology.modules.map(({ contract, uses }) => [contract.name, new Set(contractsOf(uses))]))
  return (caller, contract) => caller === gatewayCaller || used.get(caller)?.has(contract) === true
}

/** The contracts that those modules use of others, each once. */
export function usedElsewhere({ modules }: Topology, callers: readonly string[]): readonly string[] {
  const used = modules.filter(({ contract }) => callers.includes(contract.name)).flatMap(({ uses }) => contractsOf(uses))
  return [...new Set(used)].filter((contract) => !callers.includes(contract))
}

/** Whether `subscriber` has declared that it listens to the events of `contract`. */
export function mayTell(topology: Topology, contract: string, subscriber: string): boolean {
  return contractsOf(moduleNamed(topology, subscriber)?.listens).includes(contract)
}

/** The modules that react to an event, in the order of the topology. */
export function subscribersOf(topology: Topology, contract: string, event: string): readonly string[] {
  return topology.modules.filter((module) => reactsTo(module, contract, event)).map((module) => module.contract.name)
}

/** What the topology's contract declares under that name; `undefined` when there is none. */
export function declaredOperation(topology: Topology, contract: string, operation: string): Operation | undefined {
  const module = moduleNamed(topology, contract)
  return module && operationsOf(module.contract).find(([name]) => name === operation)?.[1]
}

function reactsTo(module: Module, contract: string, event: string): boolean {
  const aliases = Object.entries(module.listens).filter(([, listened]) => listened.name === contract)
  return aliases.some(([alias]) => module.reactions[alias]?.[event] !== undefined)
}

function moduleNamed(topology: Topology, name: string): Module | undefined {
  return topology.modules.find((module) => module.contract.name === name)
}

function contractsOf(contracts: Module["uses"] = {}): readonly string[] {
  return Object.values(contracts).map((contract) => contract.name)
}
