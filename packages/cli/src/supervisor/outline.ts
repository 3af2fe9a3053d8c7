import { operationsOf, serviceOf } from "@hanok/contract"
import type { Module, Topology } from "@hanok/contract"

/** What a supervisor needs to know of a topology. It is loaded where it runs, so that a new version is read afresh. */
export interface Outline {
  readonly gateway: { readonly service: string; readonly port: number }
  readonly services: readonly ServiceOutline[]
  /** The longest that any of its operations may take, in milliseconds. */
  readonly longestCallMs: number
  /** Those of all needs, for example `postgres`. */
  readonly technologies: readonly string[]
}

export interface ServiceOutline {
  readonly name: string
  readonly replicas: { readonly min: number; readonly max: number }
  /** The services whose operations it calls, its own too when its modules call each other. */
  readonly calls: readonly string[]
}

export function outlineOf(topology: Topology): Outline {
  const { gateway, modules } = topology
  const needs = modules.flatMap((module) => Object.values(module.needs))
  return {
    gateway: { service: gateway.service, port: gateway.port },
    services: topology.services.map((service) => ({
      name: service.name,
      replicas: service.replicas,
      calls: service.name === gateway.service ? othersThan(service.name, topology) : calledFrom(service.name, topology),
    })),
    longestCallMs: Math.max(0, ...modules.flatMap(({ contract }) => operationsOf(contract).map(([, { timeoutMs }]) => timeoutMs))),
    technologies: [...new Set(needs.map(({ technology }) => technology))],
  }
}

/**
 * The services in waves, each called by none of those that come later: stopped in this order, nobody loses whom it calls.
 * Services that call each other in a circle are one wave, the last.
 */
export function callersFirst(services: readonly ServiceOutline[]): readonly (readonly string[])[] {
  const waves: string[][] = []
  let left = services
  while (left.length > 0) {
    const free = left.filter(({ name }) => !left.some((other) => other.name !== name && other.calls.includes(name)))
    const wave = free.length > 0 ? free : left
    waves.push(wave.map(({ name }) => name))
    left = left.filter((service) => !wave.includes(service))
  }
  return waves
}

function othersThan(service: string, topology: Topology): readonly string[] {
  return topology.services.map(({ name }) => name).filter((name) => name !== service)
}

function calledFrom(service: string, topology: Topology): readonly string[] {
  const here = topology.modules.filter(({ contract }) => serviceOf(topology, contract.name)?.name === service)
  return [...new Set(here.flatMap((module) => usedBy(module).flatMap((name) => serviceOf(topology, name)?.name ?? [])))]
}

function usedBy({ uses }: Module): readonly string[] {
  return Object.values(uses).map(({ name }) => name)
}
