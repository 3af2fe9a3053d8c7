import { mainService } from "@hanok/contract"
import type { Service, Topology } from "@hanok/contract"
import { graphOf } from "../graph/graph.ts"
import type { Placement } from "../graph/graph.ts"

/** The topology with a module in another service, as the edited configuration will give it. */
export function regroup(topology: Topology, module: string, service: string): Topology {
  const without = topology.services.map((each) =>
    withModules(
      each,
      each.modules.filter((name) => name !== module),
    ),
  )
  const target = without.find(({ name }) => name === service) ?? { name: service, modules: [], replicas: { min: 1, max: 1 } }
  const others = without.filter(({ name }) => name !== service)
  const kept = others.filter(({ name, modules }) => modules.length > 0 || name === topology.gateway.service)
  const filled = withModules(target, [...target.modules, module])
  return { ...topology, services: service === mainService ? [filled, ...kept] : [...kept, filled] }
}

/** A seam that a move has changed. */
export interface ChangedSeam {
  readonly from: string
  readonly to: string
  /** The events that are delivered; empty for calls. */
  readonly events: readonly string[]
  readonly placement: Placement
}

/** The seams whose placement differs between two groupings of the same modules, as they are in the second. */
export function changedSeams(before: Topology, after: Topology): readonly ChangedSeam[] {
  const old = seamsOf(before)
  return seamsOf(after).filter(({ placement }, index) => placement !== old[index]?.placement)
}

function seamsOf(topology: Topology): readonly ChangedSeam[] {
  const { calls, listens } = graphOf(topology)
  return [...calls.map(({ from, to, placement }) => ({ from, to, placement, events: [] })), ...listens]
}

function withModules({ name, replicas }: Service, modules: readonly string[]): Service {
  return { name, replicas, modules }
}
