import type { WhichParked } from "@hanok/contract"
import type { Ask } from "./ask.ts"

/** So many keys are locked one by one at most; and nobody waits for long for one of them. */
const portion = 1_000

/** Does to parked deliveries what `text` says, which takes ids and gives a count: a portion in a statement, in the order of their commits. */
export async function ofParked(ask: Ask, which: WhichParked, text: string): Promise<number> {
  const work = async (ids: readonly string[]) => Number((await ask(text, [ids]))[0]?.["count"])
  if (which !== "all") return work(which.filter((id) => /^\d{1,18}$/.test(id)))
  const [newest] = await ask(newestText, [])
  let count = 0
  for (let last = "0"; ;) {
    const ids = (await ask(nextText, [last, newest?.["micros"], portion])).map(({ id }) => String(id))
    const end = ids.at(-1)
    if (end === undefined) return count
    count += await work(ids)
    last = end
  }
}

// What is parked once more meanwhile, or only now, is left: nobody has seen it. A clock that was set back hides none.
const newestText =
  "select (extract(epoch from max(parked_at)) * 1000000)::bigint::text as micros from hanok_outbox where parked_at is not null"
const nextText = `select id::text from hanok_outbox where parked_at <= timestamptz 'epoch' + $2::float8 * interval '1 microsecond' and id > $1::bigint
  order by hanok_outbox.id limit $3`
