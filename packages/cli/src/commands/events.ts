import type { Command } from "commander"
import type { DiscardOptions } from "../events/parked-work.ts"
import type { ParkedOptions } from "../events/show-parked.ts"
import type { WhereOutboxes } from "../events/outboxes.ts"

const config = ["--config <file>", "the topology (default: the nearest hanok.config.ts)"] as const
const data = ["--data <folder>", "where `hanok dev` keeps its data"] as const

export function addEvents(program: Command): void {
  const events = program
    .command("events")
    .argument("[modules...]", "of which modules; of all without it")
    .description("show the events that were given up after their last try, and why")
    .option(...config)
    .option(...data)
    .option("--limit <count>", "how many of each module", "20")
    .option("--json", "print JSON, with what the events say")
    .addHelpText(
      "after",
      "\nExamples:\n  hanok events\n  hanok events replay order/17\n  DATABASE_URL=... HANOK_SECRET=... hanok events --json",
    )
    .action(async (modules: readonly string[], options: ParkedOptions) => {
      const { showParked } = await import("../events/show-parked.ts")
      await showParked(modules, options)
    })
  // The outer command takes its options wherever they stand, and what is named would be done to all, whatever the limit.
  const refuseThoseOfTheList = () => {
    for (const option of ["limit", "json"])
      if (events.getOptionValueSource(option) === "cli") events.error(`error: unknown option '--${option}'`)
  }
  events
    .command("replay")
    .argument("<what...>", "events (order/17), or modules: all of theirs")
    .description("have events brought again that were given up")
    .option(...config)
    .option(...data)
    .addHelpText("after", "\nExamples:\n  hanok events replay order/17 order/19\n  hanok events replay order")
    .action(async (what: readonly string[], _: unknown, command: Command) => {
      refuseThoseOfTheList()
      const { replay } = await import("../events/parked-work.ts")
      // Both commands know the other options; the outer one takes them, wherever they stand.
      await replay(what, command.optsWithGlobals<WhereOutboxes>())
    })
  events
    .command("discard")
    .argument("<what...>", "events (order/17), or modules: all of theirs")
    .description("forget events for good that were given up")
    .option(...config)
    .option(...data)
    .option("--yes", "that they may be gone for good: without it nothing is discarded")
    .addHelpText(
      "after",
      "\nExamples:\n  hanok events discard order/17 order/19 --yes\n  hanok events order --json --limit 1000000 > given-up.json\n  hanok events discard order --yes",
    )
    .action(async (what: readonly string[], _: unknown, command: Command) => {
      refuseThoseOfTheList()
      const { discard } = await import("../events/parked-work.ts")
      await discard(what, command.optsWithGlobals<DiscardOptions>())
    })
}
