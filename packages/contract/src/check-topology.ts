import { checkContracts } from "./check-topology-contracts.ts"
import { checkCycles } from "./check-topology-cycles.ts"
import { checkHandlers } from "./check-topology-handlers.ts"
import { checkRoutes } from "./check-topology-routes.ts"
import { checkServices } from "./check-topology-services.ts"
import { checkUses } from "./check-topology-uses.ts"
import type { Topology } from "./topology.ts"
import type { WiringProblem } from "./wiring-error.ts"

/**
 * Every fault of the topology and of the modules and contracts in it; empty when there is none. Nothing is started for it.
 * @example
 * const problems = checkTopology(topology)
 * if (problems.length > 0) throw new WiringError(topology.name, problems)
 */
export function checkTopology(topology: Topology): readonly WiringProblem[] {
  const { modules } = topology
  return [
    ...checkContracts(modules),
    ...checkUses(modules),
    ...checkCycles(modules),
    ...modules.flatMap(checkHandlers),
    ...checkRoutes(modules),
    ...checkServices(topology),
  ]
}
