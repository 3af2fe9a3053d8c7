import type { Command } from "commander"
import type { SplitOptions } from "../topology-file/split.ts"

export function addSplit(program: Command): void {
  program
    .command("split")
    .argument("<module>", "a module of the topology")
    .description("move a module out, into a service of its own")
    .option("--service <name>", "the service to move it to (default: one with the module's name)")
    .option("--replicas <count>", "how many processes run the service: 3, or from-to: 1-4")
    .option("--config <file>", "the topology (default: the nearest hanok.config.ts)")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  hanok split payment\n  hanok split inventory --replicas 3\n  hanok split item --service catalogue --dry-run",
    )
    .action(async (module: string, options: SplitOptions) => {
      const { split } = await import("../topology-file/split.ts")
      await split(module, options)
    })
}
