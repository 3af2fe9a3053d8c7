import type { Command } from "commander"
import type { MoveOptions } from "../topology-file/carry-out.ts"

export function addMerge(program: Command): void {
  program
    .command("merge")
    .argument("<module>", "a module of the topology")
    .description("move a module back into the one process of the rest")
    .option("--config <file>", "the topology (default: the nearest hanok.config.ts)")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  hanok merge payment\n  hanok merge payment --config topologies/staging.ts --dry-run")
    .action(async (module: string, options: MoveOptions) => {
      const { merge } = await import("../topology-file/merge.ts")
      await merge(module, options)
    })
}
