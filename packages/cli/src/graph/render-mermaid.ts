import type { Graph, ServiceNode } from "./graph.ts"

/**
 * The graph as a Mermaid flowchart: a subgraph for each service, calls as arrows, events as dotted arrows that carry their
 * names, calls across processes as thick arrows.
 */
export function renderMermaid(graph: Graph): string {
  const absent = absentModules(graph)
  return [
    "flowchart LR",
    ...graph.services.flatMap((service) => subgraph(service, graph)),
    ...absent.map((name) => `  ${id(name)}[${text(`${name} (not in this topology)`)}]:::absent`),
    ...graph.calls.map(({ from, to, placement }) => `  ${id(from)} ${placement === "remote" ? "==>" : "-->"} ${id(to)}`),
    ...graph.listens.map(({ from, to, events }) => {
      return `  ${id(from)} -.->|${text(events.join(", ") || "nothing")}| ${id(to)}`
    }),
    ...(absent.length > 0 ? ["  classDef absent stroke-dasharray: 4"] : []),
  ].join("\n")
}

function subgraph({ name, replicas: { min, max }, gateway, modules }: ServiceNode, graph: Graph): readonly string[] {
  const replicas = min === max ? (min === 1 ? "" : ` × ${min}`) : ` × ${min}–${max}`
  const nodes = graph.modules.filter((module) => modules.includes(module.name))
  return [
    `  subgraph service_${id(name)}[${text(`${name}${replicas}`)}]`,
    ...(gateway ? [`    gateway_${id(name)}([gateway])`] : []),
    ...nodes.map((module) => `    ${id(module.name)}[${text(`${module.name}<br/>${module.owner}`)}]`),
    "  end",
  ]
}

function absentModules({ calls, listens }: Graph): readonly string[] {
  const ends = [
    ...calls.map(({ to, placement }) => ({ name: to, placement })),
    ...listens.map(({ from: name, placement }) => ({ name, placement })),
  ]
  return [...new Set(ends.filter(({ placement }) => placement === "absent").map(({ name }) => name))]
}

// A prefix, because words such as `end` and `graph` mean something to Mermaid.
function id(name: string): string {
  return `m_${name.replaceAll(/\W/g, "_")}`
}

function text(label: string): string {
  return `"${label.replaceAll('"', "#quot;")}"`
}
