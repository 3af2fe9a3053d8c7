import type { Outbox } from "@hanok/contract"
import { CliError } from "../cli-error.ts"
import { print } from "../print.ts"
import { known, outboxesOf } from "./outboxes.ts"
import type { WhereOutboxes } from "./outboxes.ts"

const atOnce = 500

/** Makes events due again that were given up: `order/17`, or with `order` all of that module. Running relays find them within half a second. */
export async function replay(what: readonly string[], where: WhereOutboxes): Promise<void> {
  const outboxes = await outboxesOf(where)
  const wanted = what.map((text) => {
    const [module = "", ...id] = text.split("/")
    return { module: known(module, outboxes), id: id.length === 0 ? undefined : id.join("/") }
  })
  const missing: string[] = []
  for (const { module, id } of wanted) {
    if (id === undefined) print(`${module}: ${countOf((await outboxes.with(module, replayAll)).reduce((sum, count) => sum + count, 0))}`)
    else if ((await outboxes.with(module, (outbox) => outbox.replay(id))).includes(true)) print(`${module}/${id} is brought again.`)
    else missing.push(`${module}/${id}`)
  }
  if (missing.length === 0) return
  throw new CliError(`No event that was given up has that id: ${missing.join(", ")}`, "hanok events shows those that there are.", 1)
}

async function replayAll(outbox: Outbox): Promise<number> {
  const replayed = new Set<string>()
  for (;;) {
    // What is given up once more meanwhile is not brought again for ever.
    const left = (await outbox.parked(atOnce)).filter(({ id }) => !replayed.has(id))
    if (left.length === 0) return replayed.size
    for (const { id } of left) {
      await outbox.replay(id)
      replayed.add(id)
    }
  }
}

function countOf(count: number): string {
  if (count === 0) return "no event was given up."
  return count === 1 ? "one event is brought again." : `${count} events are brought again.`
}
