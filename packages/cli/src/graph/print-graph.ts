import { loadTopology } from "../config/load-topology.ts"
import { print } from "../print.ts"
import { graphOf } from "./graph.ts"
import type { Graph } from "./graph.ts"
import { renderMermaid } from "./render-mermaid.ts"
import { renderText } from "./render-text.ts"

export type GraphFormat = "text" | "json" | "mermaid"

const renderers: Readonly<Record<GraphFormat, (graph: Graph) => string>> = {
  text: renderText,
  mermaid: renderMermaid,
  json: (graph) => JSON.stringify(graph, undefined, 2),
}

/** Prints the seams as a topology declares them. */
export async function printGraph(config: string | undefined, format: GraphFormat): Promise<void> {
  const { topology } = await loadTopology(config)
  print(renderers[format](graphOf(topology)))
}
