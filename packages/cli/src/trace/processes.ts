/** A process that recorded spans of a trace. */
export interface Process {
  /** Its `service.name`. */
  readonly service: string
  /** Tells it from the others of its service; empty where the trace went through no other. */
  readonly mark: string
  /** Its `service.instance.id`; empty where it has none. */
  readonly instance: string
}

/** Of each resource its process. */
export function processesOf(resources: readonly Readonly<Record<string, unknown>>[]): readonly Process[] {
  const known = resources.map((resource) => ({
    service: textOf(resource["service.name"]),
    instance: textOf(resource["service.instance.id"]),
  }))
  const replicas = Map.groupBy(known, ({ service }) => service)
  const numbers = new Map([...replicas].map(([service, all]) => [service, [...new Set(all.map(({ instance }) => instance))]]))
  return known.map(({ service, instance }) => {
    const instances = numbers.get(service) ?? []
    return { service, instance, mark: instances.length > 1 ? ` ${instances.indexOf(instance) + 1}` : "" }
  })
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}
