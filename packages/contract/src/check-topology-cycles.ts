import type { Module } from "./module.ts"
import type { WiringProblem } from "./wiring-error.ts"

/** Modules that use each other in a circle; each circle once, told in its shortest form. */
export function checkCycles(modules: readonly Module[]): readonly WiringProblem[] {
  const byName = new Map(modules.map((module) => [module.contract.name, module]))
  const told = new Set<string>()
  return modules.flatMap((module) => {
    const name = module.contract.name
    const cycle = told.has(name) ? undefined : shortestWayBack(name, byName)
    if (!cycle) return []
    for (const member of cycle) told.add(member)
    return [problemOf(cycle, module)]
  })
}

function problemOf(cycle: readonly string[], { contract: { name }, definedAt: at }: Module): WiringProblem {
  if (cycle.length === 1) {
    const hint = "Inside a module call its functions directly, and take its own contract out of `uses`."
    return { message: `${name} uses its own contract.`, hint, at }
  }
  const last = cycle.at(-1) ?? name
  return {
    message: `Modules use each other in a circle: ${[...cycle, name].join(" → ")}.`,
    hint: `Break it with an event: let ${last} emit what happened, and ${name} listen to it, or the other way round; then take it out of \`uses\`.`,
    at,
  }
}

/** The modules on the shortest way from `start` back to itself, `start` first. */
function shortestWayBack(start: string, byName: ReadonlyMap<string, Module>): readonly string[] | undefined {
  const seen = new Set<string>()
  let ways: readonly (readonly string[])[] = [[start]]
  while (ways.length > 0) {
    const longer: string[][] = []
    for (const way of ways) {
      for (const next of usedBy(byName.get(way.at(-1) ?? ""))) {
        if (next === start) return way
        if (!seen.has(next)) longer.push([...way, next])
        seen.add(next)
      }
    }
    ways = longer
  }
  return undefined
}

function usedBy(module: Module | undefined): readonly string[] {
  return Object.values(module?.uses ?? {}).map(({ name }) => name)
}
