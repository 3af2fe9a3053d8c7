import type { Command } from "commander"
import type { TraceOptions } from "../trace/show-traces.ts"

export function addTrace(program: Command): void {
  program
    .command("trace")
    .argument("[traceId]", "one trace; without it the last requests")
    .description("show requests as trees, with times across processes")
    .option("--config <file>", "the topology (default: the nearest hanok.config.ts)")
    .option("--data <folder>", "where `hanok dev` keeps its data")
    .option("--url <url>", "the telemetry server (default: that of the running `hanok dev`)")
    .option("--limit <count>", "how many requests", "5")
    .option("--errors", "only what failed, jobs as well")
    .option("--all", "also what runs by itself (jobs), and each of many equal spans")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample: hanok trace --limit 1")
    .action(async (traceId: string | undefined, options: TraceOptions) => {
      const { showTraces } = await import("../trace/show-traces.ts")
      await showTraces(traceId, options)
    })
}
