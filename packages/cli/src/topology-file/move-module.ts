import { mainService } from "@hanok/contract"
import { addElement, clearListing, removeElement } from "./edit-listing.ts"
import { createDraft, hasComment, quoted } from "./draft.ts"
import type { Draft } from "./draft.ts"
import { listingOf, servicesIn } from "./services-source.ts"
import type { ServicesSource, ServiceSource } from "./services-source.ts"
import { parseTopologySource, propertyOf, valueOf } from "./topology-source.ts"
import type { TopologySource } from "./topology-source.ts"

export interface Move {
  readonly module: string
  /** Made when it is not there yet. */
  readonly service: string
  /** As it is written: `3`, `{ min: 1, max: 4 }`. What is there stays when it is not given. */
  readonly replicas?: string | undefined
}

/** The configuration with a module moved into a service. Comments and layout stay. Throws `NotUnderstood`. */
export function moveOut(text: string, move: Move): string {
  const source = parseTopologySource(text)
  const services = servicesIn(source)
  const draft = createDraft(text, source.comments)
  const target = services?.services.find(({ name }) => name === move.service)
  if (target) enlarge(draft, target, move)
  else addService(draft, source, services, move)
  const current = services?.services.find(({ name, moduleNames }) => name !== move.service && moduleNames.includes(move.module))
  return current ? takeOut(draft.edits.toString(), current.name, move.module) : draft.edits.toString()
}

/** The configuration with a module back in the service of the rest. Throws `NotUnderstood`. */
export function moveBack(text: string, module: string): string {
  const services = servicesIn(parseTopologySource(text))?.services
  const current = services?.find(({ moduleNames }) => moduleNames.includes(module))
  return current ? takeOut(text, current.name, module) : text
}

/** The services of the modules for which the configuration names one. Throws `NotUnderstood`. */
export function writtenServices(text: string): ReadonlyMap<string, string> {
  const services = servicesIn(parseTopologySource(text))?.services ?? []
  return new Map(services.flatMap(({ name, moduleNames }) => moduleNames.map((module) => [module, name] as const)))
}

function addService(draft: Draft, source: TopologySource, services: ServicesSource | undefined, { module, service, replicas }: Move): void {
  const key = /^[A-Za-z_$][\w$]*$/.test(service) ? service : quoted(draft, service)
  const entry = `${key}: { modules: [${quoted(draft, module)}]${replicas === undefined ? "" : `, replicas: ${replicas}`} }`
  if (services) addElement(draft, services.listing, entry)
  else addElement(draft, listingOf(source.options), `services: { ${entry} }`, propertyOf(source.options, "modules"))
}

function enlarge(draft: Draft, { modules, moduleNames, options, replicas: current }: ServiceSource, { module, replicas }: Move): void {
  if (!moduleNames.includes(module)) addElement(draft, modules, quoted(draft, module))
  if (replicas === undefined) return
  if (!current) addElement(draft, options, `replicas: ${replicas}`)
  else if (draft.text.slice(current.value.start, current.value.end) !== replicas) {
    // Of `{ replicas }` alone, the value is the name, too.
    draft.edits.overwrite(current.value.start, current.value.end, current.shorthand ? `replicas: ${replicas}` : replicas)
  }
}

function takeOut(text: string, service: string, module: string): string {
  const source = parseTopologySource(text)
  const services = servicesIn(source)
  const found = services?.services.find(({ name }) => name === service)
  if (!services || !found) return text
  const draft = createDraft(text, source.comments)
  const element = found.modules.elements[found.moduleNames.indexOf(module)]
  if (element && (found.moduleNames.length > 1 || staysEmpty(found, source))) removeElement(draft, found.modules, element)
  else removeService(draft, source, services, found)
  return draft.edits.toString()
}

// The service of the rest, and that of the gateway, have something to do without modules, and as many replicas as is written.
function staysEmpty({ name, replicas }: ServiceSource, source: TopologySource): boolean {
  return replicas !== undefined && (name === mainService || name === gatewayServiceIn(source))
}

function gatewayServiceIn({ options, program }: TopologySource): string | undefined {
  const gateway = propertyOf(options, "gateway")
  const value = gateway && valueOf(gateway.value, program)
  const service = value?.type === "ObjectExpression" ? propertyOf(value, "service") : undefined
  const name = service && valueOf(service.value, program)
  return name?.type === "Literal" && typeof name.value === "string" ? name.value : undefined
}

function removeService(
  draft: Draft,
  { options }: TopologySource,
  { property, listing, inPlace, services }: ServicesSource,
  { entry }: ServiceSource,
) {
  const { start, end } = listing
  const commented = hasComment(draft, start, entry.start) || hasComment(draft, entry.end, end)
  if (services.length > 1 || commented) removeElement(draft, listing, entry)
  else if (inPlace) removeElement(draft, listingOf(options), property)
  else clearListing(draft, listing)
}
