import { eventsOf, operationsOf, serviceOf } from "@hanok/contract"
import type { Module, Service, Topology } from "@hanok/contract"

export interface ModuleNode {
  readonly name: string
  readonly owner: string
  /** The service in which it lives. */
  readonly service: string
  readonly queries: readonly string[]
  readonly commands: readonly string[]
  readonly events: readonly string[]
  /** The technologies that fill its needs, by the names of the needs. */
  readonly needs: Readonly<Record<string, string>>
}

export interface ServiceNode {
  readonly name: string
  readonly replicas: { readonly min: number; readonly max: number }
  readonly modules: readonly string[]
  /** Whether the outside comes in here. */
  readonly gateway: boolean
}

/** `absent`: no module of the topology owns the other end. */
export type Placement = "inline" | "remote" | "absent"

/** A module may call the operations of another's contract. */
export interface CallSeam {
  readonly from: string
  readonly to: string
  readonly placement: Placement
}

/** A module reacts to events of another. */
export interface EventSeam {
  /** The module whose events they are. */
  readonly from: string
  /** The module that reacts. */
  readonly to: string
  readonly events: readonly string[]
  readonly placement: Placement
}

/** What a topology declares: nothing here has been observed. */
export interface Graph {
  readonly name: string
  readonly services: readonly ServiceNode[]
  readonly modules: readonly ModuleNode[]
  readonly calls: readonly CallSeam[]
  readonly listens: readonly EventSeam[]
}

/** The declared modules, services and seams of a topology, in the order in which they are declared. */
export function graphOf(topology: Topology): Graph {
  const { name, modules, services, gateway } = topology
  return {
    name,
    services: services.map((service) => serviceNode(service, gateway.service)),
    modules: modules.map((module) => moduleNode(module, topology)),
    calls: modules.flatMap((module) => callsOf(module, topology)),
    listens: modules.flatMap((module) => listensOf(module, topology)),
  }
}

function serviceNode({ name, replicas, modules }: Service, gatewayService: string): ServiceNode {
  return { name, replicas, modules, gateway: name === gatewayService }
}

function moduleNode({ contract, owner, needs }: Module, topology: Topology): ModuleNode {
  const named = (kind: "query" | "command") =>
    operationsOf(contract).flatMap(([name, operation]) => (operation.kind === kind ? [name] : []))
  return {
    name: contract.name,
    owner,
    service: serviceOf(topology, contract.name)?.name ?? "",
    queries: named("query"),
    commands: named("command"),
    events: eventsOf(contract).map(([name]) => name),
    needs: Object.fromEntries(Object.entries(needs).map(([name, { technology }]) => [name, technology])),
  }
}

function callsOf({ contract: { name: from }, uses }: Module, topology: Topology): readonly CallSeam[] {
  return Object.values(uses).map(({ name: to }) => ({ from, to, placement: placementOf(from, to, topology) }))
}

function listensOf({ contract: { name: to }, listens, reactions }: Module, topology: Topology): readonly EventSeam[] {
  return Object.entries(listens).map(([alias, { name: from }]) => {
    return { from, to, events: Object.keys(reactions[alias] ?? {}), placement: placementOf(from, to, topology) }
  })
}

function placementOf(one: string, other: string, topology: Topology): Placement {
  const isOwned = (name: string) => topology.modules.some(({ contract }) => contract.name === name)
  if (!isOwned(one) || !isOwned(other)) return "absent"
  return serviceOf(topology, one) === serviceOf(topology, other) ? "inline" : "remote"
}
