import { Option } from "commander"
import type { Command } from "commander"
import { loadTopology } from "../config/load-topology.ts"
import { graphOf } from "../graph/graph.ts"
import type { Graph } from "../graph/graph.ts"
import { renderMermaid } from "../graph/render-mermaid.ts"
import { renderText } from "../graph/render-text.ts"
import { print } from "../print.ts"

interface Options {
  readonly config?: string
  readonly format: "text" | "json" | "mermaid"
  readonly json?: boolean
}

const renderers: Readonly<Record<Options["format"], (graph: Graph) => string>> = {
  text: renderText,
  mermaid: renderMermaid,
  json: (graph) => JSON.stringify(graph, undefined, 2),
}

export function addGraph(program: Command): void {
  program
    .command("graph")
    .description("show modules, owners, seams and services as they are declared")
    .option("--config <file>", "the topology (default: the nearest hanok.config.ts)")
    .addOption(new Option("--format <format>", "how to print it").choices(Object.keys(renderers)).default("text"))
    .option("--json", "the same as --format json")
    .addHelpText("after", "\nExamples:\n  hanok graph\n  hanok graph --format mermaid > graph.mmd\n  hanok graph --json | jq '.calls[]'")
    .action(async ({ config, format, json }: Options) => {
      const { topology } = await loadTopology(config)
      print(renderers[json ? "json" : format](graphOf(topology)))
    })
}
