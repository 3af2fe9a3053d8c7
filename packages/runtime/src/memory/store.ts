import type { Adapter, Context, EventEnvelope, Json, Store, Transaction } from "@hanok/contract"
import { createMemoryJournal } from "./journal.ts"
import { createMemoryOutbox } from "./outbox.ts"
import { MemoryChanges } from "./table.ts"

/** The most steps remembered; older ones are forgotten first, long after nobody repeats them. */
const capacity = 100_000

export interface MemoryStoreOptions<Tables, Reads, Writes> {
  /** Makes the empty tables. */
  readonly tables: () => Tables
  readonly read: (tables: Tables) => Reads
  /** Every change goes through `changes`, so that it can be taken back. */
  readonly write: (tables: Tables, changes: MemoryChanges) => Writes
}

/**
 * A store in this process's memory, for tests, first steps and measurements. Transactions run one after another;
 * a failed one leaves nothing. What is read outside a transaction may show what a running one has not committed.
 * @example
 * memoryStore({ tables: () => ({ gifts: new MemoryTable<Gift>() }), read: giftReads, write: giftWrites })
 */
export function memoryStore<Tables, Reads, Writes>(options: MemoryStoreOptions<Tables, Reads, Writes>): Adapter<Store<Reads, Writes>> {
  return {
    kind: "adapter",
    technology: "memory",
    create: async () => {
      const outbox = createMemoryOutbox()
      return { port: createStore(options, outbox.commit), journal: createMemoryJournal(), outbox }
    },
  }
}

type Appended = readonly [EventEnvelope, readonly string[]]

function createStore<Tables, Reads, Writes>(
  options: MemoryStoreOptions<Tables, Reads, Writes>,
  commit: (appended: readonly Appended[]) => void,
): Store<Reads, Writes> {
  const tables = options.tables()
  const reads = options.read(tables)
  const steps = new Map<string, Json | void>()
  let last: Promise<unknown> = Promise.resolve()

  async function run<Result extends Json | void>(context: Context, work: (tx: Writes & Transaction) => Promise<Result>): Promise<Result> {
    const step = context.idempotencyKey === undefined ? undefined : `${context.idempotencyKey} ${context.nextStep()}`
    try {
      return await runStep(step, work)
    } finally {
      if (step !== undefined) context.endStep()
    }
  }

  async function runStep<Result extends Json | void>(
    step: string | undefined,
    work: (tx: Writes & Transaction) => Promise<Result>,
  ): Promise<Result> {
    // A recorded step has the type of the work that recorded it: the same code at the same place.
    if (step !== undefined && steps.has(step)) return copyOf(steps.get(step)) as Result
    const changes = new MemoryChanges()
    const appended: Appended[] = []
    const outbox = { append: async (...event: Appended) => void appended.push(event) }
    try {
      const result = await work({ ...options.write(tables, changes), outbox })
      if (step !== undefined) remember(steps, step, copyOf(result))
      commit(appended)
      return result
    } catch (error) {
      changes.rollBack()
      throw error
    }
  }

  return {
    read: () => reads,
    transaction(context, work) {
      const running = last.then(() => run(context, work))
      last = running.catch(() => undefined)
      return running
    },
  }
}

function remember(steps: Map<string, Json | void>, step: string, result: Json | void): void {
  steps.set(step, result)
  if (steps.size <= capacity) return
  const [oldest = ""] = steps.keys()
  steps.delete(oldest)
}

/** JSON's own kinds of values only, which is what a transaction returns: several times faster than a structured clone. */
function copyOf(value: Json | void): Json | void {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map((entry) => copyOf(entry) as Json)
  const copy = { ...(value as Readonly<Record<string, Json>>) }
  for (const name in copy) {
    const entry = copy[name]
    if (typeof entry === "object" && entry !== null) copy[name] = copyOf(entry) as Json
  }
  return copy
}
