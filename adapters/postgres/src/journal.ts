import { isFault } from "@hanok/contract"
import type { Begun, Context, Journal, Outcome } from "@hanok/contract"
import { quickly } from "./ask.ts"
import type { Ask } from "./ask.ts"
import { keyText } from "./connection/text.ts"
import { Together } from "./together.ts"

/**
 * A module's journal, in its own schema. Lease times are the database's, so that the clocks of replicas do not matter.
 * What it writes is not waited for on disk: should the database crash in that moment, work is carried out again over
 * its recorded steps, which are.
 */
export function createJournal(ask: Ask): Journal {
  const begins = new Together<Beginning>(async (items) => {
    const columns = [items.map(({ key }) => key), items.map(({ fingerprint }) => fingerprint), items.map(({ leaseMs }) => leaseMs)]
    const rows = await ask(beginText, [...columns, rememberedLongMs])
    return new Set(rows.filter(({ begun }) => begun === true).map(({ key }) => String(key)))
  })
  const finishes = new Together<Finishing>(async (items) => {
    await ask(finishText, [items.map(({ key }) => key), items.map(({ outcome }) => outcome)])
    return new Set()
  })

  async function begin(key: string, fingerprint: string, leaseMs: number, context?: Context): Promise<Begun> {
    const item = { key: keyText(key), fingerprint, leaseMs }
    if (await spanned(context, "INSERT hanok_journal", beginText, () => begins.ask(item))) return { state: "begun" }
    const [entry] = await spanned(context, "SELECT hanok_journal", lookText, async () => ({ answer: await ask(lookText, [keyText(key)]) }))
    // It was forgotten between the two statements: then it may begin after all.
    return entry === undefined ? begin(key, fingerprint, leaseMs, context) : stateOf(entry, fingerprint)
  }

  return {
    begin,
    async finish(key, outcome, context) {
      const item = { key: keyText(key), outcome: JSON.stringify(outcome) }
      await spanned(context, "UPDATE hanok_journal", finishText, () => finishes.ask(item))
    },
    async abandon(key, context) {
      await spanned(context, "UPDATE hanok_journal", abandonText, async () => ({ answer: await ask(abandonText, [keyText(key)]) }))
    },
    async forget(olderThanMs) {
      const forgotten = await inPortions(ask, "hanok_journal", forgetText, olderThanMs, Math.max(olderThanMs, rememberedLongMs))
      await inPortions(ask, "hanok_step", forgetStepsText, olderThanMs)
      return forgotten
    },
  }
}

interface Beginning {
  readonly key: string
  readonly fingerprint: string
  readonly leaseMs: number
}

interface Finishing {
  readonly key: string
  readonly outcome: string
}

/**
 * How long work is remembered that has kept a step and was given up, such as a reaction to an event that is parked until somebody
 * replays it; and a command that was asked for again after it had ended, such as one that this reaction calls each time it is tried.
 */
const rememberedLongMs = 30 * 24 * 3_600_000

/**
 * How many pages of a table one statement looks through, some megabytes. Of a busy day there is more than one reads in its time, or
 * deletes: what it had deleted until then would come back, and nothing would ever be forgotten.
 */
const portion = 512

/** What comes behind the pages that there are when it begins is new. Where answers are very large, fewer pages are all that is deleted in time. */
async function inPortions(ask: Ask, table: string, text: string, ...agesMs: readonly number[]): Promise<number> {
  const [size] = await ask(sizeText, [table])
  let removed = 0
  let pages = portion
  for (let page = 0; page < Number(size?.["pages"]);) {
    try {
      removed += (await ask(text, [`(${page},0)`, `(${page + pages},0)`, ...agesMs])).length
      page += pages
    } catch (error) {
      if (pages === 1 || !isFault(error, "DEADLINE_EXCEEDED")) throw error
      pages /= 8
    }
  }
  return removed
}

async function spanned<T>(
  context: Context | undefined,
  name: string,
  text: string,
  work: () => Promise<{ readonly answer: T; readonly together?: number }>,
): Promise<T> {
  const span = context?.startSpan(name, "client", { "db.system.name": "postgresql", "db.query.summary": name, "db.query.text": text })
  try {
    const { answer, together = 1 } = await work()
    if (together > 1) span?.setAttribute("db.operation.batch.size", together)
    span?.end()
    return answer
  } catch (error) {
    span?.end(error)
    throw error
  }
}

const after = (parameter: string) => `clock_timestamp() + ${parameter} * interval '1 millisecond'`
const before = (parameter: string) => `clock_timestamp() - ${parameter} * interval '1 millisecond'`

// The lease of what has ended says how long it is remembered, noted once a day at most. Each replica asks for each run of a job: those,
// which have no fingerprint, are not repetitions.
const beginText = `insert into hanok_journal as entry (key, fingerprint, leased_until)
  select asked.key, asked.fingerprint, ${after("asked.lease_ms")}
  from unnest($1::text[], $2::text[], $3::float8[]) as asked (key, fingerprint, lease_ms), ${quickly}
  on conflict (key) do update set leased_until = case when entry.outcome is null then excluded.leased_until else ${after("$4::float8")} end
  where entry.fingerprint = excluded.fingerprint and case when entry.outcome is null then entry.leased_until <= clock_timestamp()
    else entry.fingerprint <> '' and entry.leased_until < ${after("$4::float8")} - interval '1 day' end
  returning key, outcome is null as begun`
const lookText = `select fingerprint, outcome, extract(epoch from leased_until)::float8 * 1000 as leased_until from hanok_journal_look($1)`
const finishText = "select hanok_journal_finish($1::text[], $2::text[])"
const abandonText = `select hanok_journal_abandon($1) from ${quickly}`
const sizeText = "select pg_relation_size($1::regclass) / current_setting('block_size')::integer as pages"
const withinPortion = "ctid >= $1::tid and ctid < $2::tid"
// Steps, and below the journal's entries, are looked up one by one: a join would read all of them for each portion.
const forgetText = `delete from hanok_journal as entry where ${withinPortion} and coalesce(ended_at, leased_until) < ${before("$3::float8")}
  and case when outcome is not null then leased_until < greatest(clock_timestamp(), ended_at + interval '1 day')
    else leased_until < ${before("$4::float8")} or (select true from hanok_step as step where step.key = entry.key limit 1) is null end
  returning 1 as forgotten`
const forgetStepsText = `delete from hanok_step as step where ${withinPortion} and recorded_at < ${before("$3::float8")}
  and (select true from hanok_journal as entry where entry.key = step.key) is null
  returning 1 as forgotten`

function stateOf(entry: Readonly<Record<string, unknown>>, fingerprint: string): Begun {
  if (entry["fingerprint"] !== fingerprint) return { state: "reused" }
  // Written by `finish`; the columns' types are those of the table.
  if (entry["outcome"] !== null) return { state: "done", outcome: entry["outcome"] as Outcome }
  return { state: "running", leasedUntil: Math.ceil(Number(entry["leased_until"])) }
}
