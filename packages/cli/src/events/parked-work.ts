import type { Outbox, WhichParked } from "@hanok/contract"
import { CliError } from "../cli-error.ts"
import { print } from "../print.ts"
import { known, outboxesOf } from "./outboxes.ts"
import type { WhereOutboxes } from "./outboxes.ts"

export interface DiscardOptions extends WhereOutboxes {
  readonly yes?: boolean
}

/** Makes events due again that were given up: `order/17`, or with `order` all of that module. Running relays find them within half a second. */
export function replay(what: readonly string[], where: WhereOutboxes): Promise<void> {
  return done(what, where, "brought again", (outbox, which) => outbox.replay(which))
}

/** Forgets events that were given up, named alike, for whoever has said that it may be for good. */
export async function discard(what: readonly string[], { yes, ...where }: DiscardOptions): Promise<void> {
  if (!yes)
    throw new CliError(
      `Nothing was discarded: what is discarded is gone for good (${what.join(", ")}).`,
      "hanok events --json shows what they say, of each module as many as --limit says; with --yes they are discarded.",
      2,
    )
  await done(what, where, "discarded", (outbox, which) => outbox.discard(which))
}

async function done(
  what: readonly string[],
  where: WhereOutboxes,
  how: string,
  work: (outbox: Outbox, which: WhichParked) => Promise<number>,
): Promise<void> {
  const outboxes = await outboxesOf(where)
  const wanted = what.map((text) => {
    const [module = "", ...id] = text.split("/")
    return { module: known(module, outboxes), id: id.length === 0 ? undefined : id.join("/") }
  })
  const missing: string[] = []
  for (const { module, id } of wanted) {
    const counts = await outboxes.with(module, (outbox) => work(outbox, id === undefined ? "all" : [id]))
    const count = counts.reduce((sum, each) => sum + each, 0)
    if (id === undefined) print(`${module}: ${countOf(count, how)}`)
    else if (count > 0) print(`${module}/${id} is ${how}.`)
    else missing.push(`${module}/${id}`)
  }
  if (missing.length === 0) return
  throw new CliError(`No event that was given up has that id: ${missing.join(", ")}`, "hanok events shows those that there are.", 1)
}

function countOf(count: number, how: string): string {
  if (count === 0) return "no event was given up."
  return count === 1 ? `one event is ${how}.` : `${count} events are ${how}.`
}
