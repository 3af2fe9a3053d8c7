import type { CallSeam, EventSeam, Graph, ModuleNode, ServiceNode } from "./graph.ts"

/** The graph for a reader, at most 80 columns wide as long as names allow it. */
export function renderText(graph: Graph): string {
  const width = Math.max(...graph.modules.map(({ name }) => name.length), 6) + 2
  return [title(graph), ...graph.services.map((service) => renderService(service, graph, width)), ...legend(graph)].join("\n\n")
}

function title({ name, services, modules, calls, listens }: Graph): string {
  const remote = [...calls, ...listens].filter(({ placement }) => placement === "remote").length
  const across = remote === 0 ? "nothing crosses processes" : `${count(remote, "seam")} across processes`
  return `${name}: ${count(modules.length, "module")} in ${count(services.length, "service")}, ${across}`
}

function renderService(service: ServiceNode, graph: Graph, width: number): string {
  const { name, replicas, gateway, modules } = service
  const facts = [replicasText(replicas), ...(gateway ? ["gateway"] : []), ...(modules.length === 0 ? ["no modules"] : [])]
  const nodes = graph.modules.filter((module) => module.service === name)
  return [`service ${name}  (${facts.join(", ")})`, ...nodes.flatMap((module) => renderModule(module, graph, width))].join("\n")
}

function replicasText({ min, max }: ServiceNode["replicas"]): string {
  return min === max ? count(min, "replica") : `${min} to ${max} replicas`
}

function renderModule(module: ModuleNode, { calls, listens }: Graph, width: number): readonly string[] {
  const { name, owner, queries, commands, events } = module
  const counts = [
    ...(queries.length > 0 ? [plural(queries.length, "query", "queries")] : []),
    ...(commands.length > 0 ? [count(commands.length, "command")] : []),
    ...(events.length > 0 ? [count(events.length, "event")] : []),
  ]
  const indent = " ".repeat(width + 2)
  return [
    `  ${name.padEnd(width)}${owner}; ${counts.join(", ") || "offers nothing"}`,
    ...wrap(`${indent}calls `, calls.filter(({ from }) => from === name).map(callText)),
    ...wrap(`${indent}hears `, listens.filter(({ to }) => to === name).map(eventText)),
  ]
}

function callText({ to, placement }: CallSeam): string {
  return `${to}${mark(placement)}`
}

function eventText({ from, events, placement }: EventSeam): string {
  return `${from}${mark(placement)}: ${events.join(" ") || "nothing"}`
}

const marks = { inline: "", remote: "*", absent: "?" } as const

function mark(placement: keyof typeof marks): string {
  return marks[placement]
}

function legend({ calls, listens }: Graph): readonly string[] {
  const placements = new Set([...calls, ...listens].map(({ placement }) => placement))
  const lines = [
    ...(placements.has("remote") ? ["* in another process"] : []),
    ...(placements.has("absent") ? ["? owned by no module of this topology"] : []),
  ]
  return lines.length === 0 ? [] : [lines.join("\n")]
}

const columns = 80

function wrap(label: string, parts: readonly string[]): readonly string[] {
  const lines: string[] = []
  const blank = " ".repeat(label.length)
  const words = parts.length === 0 ? [] : parts.join(", ").split(" ")
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`${last === undefined ? label : blank}${word}`)
  }
  return lines
}

function count(number: number, noun: string): string {
  return plural(number, noun, `${noun}s`)
}

function plural(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}
