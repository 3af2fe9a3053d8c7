import { Option } from "commander"
import type { Command } from "commander"
import type { GraphFormat } from "../graph/print-graph.ts"

interface Options {
  readonly config?: string
  readonly format: GraphFormat
  readonly json?: boolean
}

const formats: readonly GraphFormat[] = ["text", "mermaid", "json"]

export function addGraph(program: Command): void {
  program
    .command("graph")
    .description("show modules, owners, seams and services as they are declared")
    .option("--config <file>", "the topology (default: the nearest hanok.config.ts)")
    .addOption(new Option("--format <format>", "how to print it").choices(formats).default("text"))
    .option("--json", "the same as --format json")
    .addHelpText("after", "\nExamples:\n  hanok graph\n  hanok graph --format mermaid > graph.mmd\n  hanok graph --json | jq '.calls[]'")
    .action(async ({ config, format, json }: Options) => {
      const { printGraph } = await import("../graph/print-graph.ts")
      await printGraph(config, json ? "json" : format)
    })
}
