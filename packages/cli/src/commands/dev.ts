import type { Command } from "commander"

interface Options {
  readonly config?: string
  readonly data?: string
  readonly port?: string
  readonly watch: boolean
  readonly seed: boolean
  readonly json?: boolean
}

export function addDev(program: Command): void {
  program
    .command("dev")
    .description("run a whole topology on this machine: its processes, a database, traces")
    .option("--config <file>", "the topology (default: the nearest hanok.config.ts)")
    .option("--data <folder>", "where data lives (default: .hanok beside the topology)")
    .option("--port <port>", "the gateway's port; 0 takes a free one (default: the topology's)")
    .option("--no-watch", "do not reload when a file changes")
    .option("--no-seed", "do not run the configuration's seed")
    .option(
      "--json",
      "print JSON: an object when all is up, then one a line for each replica that comes or goes; logs go to standard error",
    )
    .addHelpText("after", "\nExample: hanok dev --config topologies/split.ts --port 8080")
    .action(async ({ config, data, port, watch, seed, json = false }: Options) => {
      const { dev } = await import("../dev/dev.ts")
      await dev({ config, data, port, watch, seed, json })
    })
}
