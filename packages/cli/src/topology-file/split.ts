import { mainService } from "@hanok/contract"
import type { Topology } from "@hanok/contract"
import { CliError } from "../cli-error.ts"
import { carryOut } from "./carry-out.ts"
import type { MoveOptions } from "./carry-out.ts"
import { moveOut } from "./move-module.ts"
import type { NextStep } from "./report-move.ts"
import { openTopology, understood } from "./rewrite.ts"
import type { EditableTopology } from "./rewrite.ts"

export interface SplitOptions extends MoveOptions {
  readonly service?: string
  readonly replicas?: string
}

/** Moves a module out into a service of its own, in the topology's file. */
export async function split(module: string, options: SplitOptions): Promise<void> {
  const replicas = replicasOf(options.replicas)
  const opened = await openTopology(options.config, module)
  const service = serviceOf(module, options, opened)
  const after = understood(opened.file, () => moveOut(opened.text, { module, service, replicas }))
  await carryOut(opened, service, after, options, { next: nextSteps(service, module), nothingToDo: alreadyThere(opened, service) })
}

function serviceOf(module: string, { service }: SplitOptions, { current, topology }: EditableTopology): string {
  if (service === undefined) return current === mainService ? ownService(module, topology) : current
  if (service === mainService)
    throw new CliError(`${mainService} is the service of all that has not moved out.`, `hanok merge ${module} moves it back there.`, 2)
  if (/^[a-z][a-z0-9-]*$/.test(service)) return service
  throw new CliError(`"${service}" cannot be a service's name.`, "Begin with a letter; use lower case, digits and dashes.", 2)
}

// One with the module's name, unless others live there.
function ownService(module: string, { services }: Topology): string {
  const others = services.find(({ name }) => name === module)?.modules.filter((name) => name !== module) ?? []
  if (others.length === 0 && module !== mainService) return module
  const message = `There is a service ${module} already, of ${others.length > 0 ? others.join(", ") : "all that has not moved out"}.`
  const joining = module === mainService ? "" : `, or join it: --service ${module}`
  throw new CliError(message, `Name another one: hanok split ${module} --service ${module}-alone${joining}`, 2)
}

// As it is written into the configuration.
function replicasOf(replicas: string | undefined): string | undefined {
  if (replicas === undefined) return undefined
  const [, min = "", max] = /^([1-9]\d{0,3})(?:-([1-9]\d{0,3}))?$/.exec(replicas) ?? []
  if (min === "" || (max !== undefined && Number(max) < Number(min))) {
    throw new CliError(`--replicas is "${replicas}".`, "It takes a number from 1, or two of them: 3, 1-4.", 2)
  }
  return max === undefined ? min : `{ min: ${min}, max: ${max} }`
}

function alreadyThere({ topology, module }: EditableTopology, service: string): string {
  const others = topology.services.find(({ name }) => name === service)?.modules.filter((name) => name !== module) ?? []
  if (others.length === 0) return `${module} already lives in the service ${service}. Nothing to do.`
  const hint = `To give it one of its own: hanok split ${module} --service ${service === module ? `${module}-alone` : module}`
  return `${module} already lives in the service ${service}, with ${others.join(", ")}. Nothing to do.\n${hint}`
}

function nextSteps(service: string, module: string): readonly NextStep[] {
  return [
    ["hanok dev", "runs it on this machine; a running one does so by itself"],
    [`hanok serve ${service}`, "runs this service alone, as a container would"],
    [`hanok merge ${module}`, "takes it back"],
  ]
}
