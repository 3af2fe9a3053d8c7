import type { ArrayExpression, Expression, ObjectExpression, ObjectProperty } from "oxc-parser"
import type { Listing, Span } from "./draft.ts"
import { lineOf, NotUnderstood } from "./not-understood.ts"
import { keyOf, propertyOf, valueOf } from "./topology-source.ts"
import type { TopologySource } from "./topology-source.ts"

/** A service as it is written in a configuration. */
export interface ServiceSource {
  readonly name: string
  /** The whole entry. */
  readonly entry: Span
  readonly options: Listing
  readonly modules: Listing
  /** The names in `modules`, in the same order as its elements. */
  readonly moduleNames: readonly string[]
  readonly replicas: ObjectProperty | undefined
}

/** The `services` of a configuration. */
export interface ServicesSource {
  /** The property of the topology's options. */
  readonly property: ObjectProperty
  readonly listing: Listing
  /** Whether the entries stand in the property itself, and not in a constant elsewhere. */
  readonly inPlace: boolean
  readonly services: readonly ServiceSource[]
}

/** The services as they are written; `undefined` when there are none yet. Throws `NotUnderstood`. */
export function servicesIn(source: TopologySource): ServicesSource | undefined {
  const property = propertyOf(source.options, "services")
  if (!property) return undefined
  const value = valueOf(property.value, source.program)
  if (value.type !== "ObjectExpression") throw notALiteral(source, property.value, "builds its services by code")
  const services = value.properties.map((each) => {
    if (each.type === "Property") return serviceOf(each, source)
    throw notALiteral(source, each, "takes some of its services from elsewhere")
  })
  const inPlace = value.start >= property.start && value.end <= property.end
  return { property, listing: listingOf(value), inPlace, services }
}

/** An object or an array as a listing. */
export function listingOf(node: ObjectExpression | ArrayExpression): Listing {
  const { start, end } = node
  const elements = node.type === "ObjectExpression" ? node.properties : node.elements.filter((element) => element !== null)
  return { start, end, elements, spaced: node.type === "ObjectExpression" }
}

function serviceOf(entry: ObjectProperty, source: TopologySource): ServiceSource {
  const name = keyOf(entry)
  const options = valueOf(entry.value, source.program)
  const own = options.start >= entry.start && options.end <= entry.end
  if (name === undefined || options.type !== "ObjectExpression" || !own)
    throw notALiteral(source, entry, "builds one of its services by code")
  const value = propertyOf(options, "modules")?.value
  const modules = value && valueOf(value, source.program)
  if (modules?.type !== "ArrayExpression") throw notALiteral(source, entry, `builds the modules of the service ${name} by code`)
  const moduleNames = modules.elements.map((element) => {
    if (element?.type === "Literal" && typeof element.value === "string") return element.value
    throw notALiteral(source, modules, `builds the modules of the service ${name} by code`)
  })
  const replicas = propertyOf(options, "replicas")
  return { name, entry, options: listingOf(options), modules: listingOf(modules), moduleNames, replicas }
}

function notALiteral({ text }: TopologySource, { start }: Span | Expression, message: string): NotUnderstood {
  return new NotUnderstood(lineOf(text, start), message)
}
