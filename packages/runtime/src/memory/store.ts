import type { Adapter, Context, EventEnvelope, Json, Store, Transaction } from "@hanok/contract"
import { CallContext } from "../context/call-context.ts"
import { settledWithin } from "../context/settled-within.ts"
import { createMemoryJournal } from "./journal.ts"
import { createMemoryOutbox } from "./outbox.ts"
import { Remembered } from "./remembered.ts"
import { MemoryChanges } from "./table.ts"

/** The most keys whose steps are remembered, or fewer of large results; older ones are forgotten first, long after nobody repeats them. */
const capacity = 100_000

export interface MemoryStoreOptions<Tables, Reads, Writes> {
  /** Makes the empty tables. */
  readonly tables: () => Tables
  readonly read: (tables: Tables) => Reads
  /** Every change goes through `changes`, so that it can be taken back. */
  readonly write: (tables: Tables, changes: MemoryChanges) => Writes
}

/**
 * A store in this process's memory, for tests, first steps and measurements. Transactions run one after another; a failed one
 * leaves nothing, and so does one that has not ended when its call does. What is read outside a transaction may show what a
 * running one has not committed.
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

/** What a transaction of keyed work returned; each key has its last one. */
interface Step {
  readonly number: number
  /** As JSON: one object, however much is in it, and nobody else's. `undefined` when it returned nothing. */
  readonly result: string | undefined
  readonly before: Step | undefined
  /** Of its result and of those before. */
  readonly characters: number
}

function createStore<Tables, Reads, Writes>(
  options: MemoryStoreOptions<Tables, Reads, Writes>,
  commit: (appended: readonly Appended[]) => void,
): Store<Reads, Writes> {
  const tables = options.tables()
  const reads = options.read(tables)
  const lastSteps = new Remembered<Step>({ capacity, lengthOf: ({ characters }) => characters })
  let last: Promise<unknown> = Promise.resolve()

  async function run<Result extends Json | void>(
    context: Context,
    number: number | undefined,
    work: (tx: Writes & Transaction) => Promise<Result>,
  ): Promise<Result> {
    const key = context.idempotencyKey
    if (key === undefined || number === undefined) return commitOf(context, work)
    const before = lastSteps.get(key)
    const step = found(before, number)
    // A recorded step has the type of the work that recorded it: the same code at the same place.
    if (step) return valueOf(step.result) as Result
    return commitOf(context, work, (result) => {
      const text: string | undefined = JSON.stringify(result)
      lastSteps.set(key, { number, result: text, before, characters: (text?.length ?? 0) + (before?.characters ?? 0) })
    })
  }

  async function commitOf<Result extends Json | void>(
    context: Context,
    work: (tx: Writes & Transaction) => Promise<Result>,
    keep?: (result: Result) => void,
  ): Promise<Result> {
    const changes = new MemoryChanges()
    const appended: Appended[] = []
    const append = async (...event: Appended) => {
      changes.checkOpen()
      appended.push(event)
    }
    try {
      const result = await whileWaitedFor(context, () => work({ ...options.write(tables, changes), outbox: { append } }))
      keep?.(result)
      commit(appended)
      return result
    } catch (error) {
      changes.rollBack()
      throw error
    } finally {
      changes.close()
    }
  }

  return {
    read: () => reads,
    transaction(context, work) {
      return context.step((number) => {
        const running = last.then(() => run(context, number, work))
        last = running.catch(() => undefined)
        return running
      })
    },
  }
}

// Others wait for their turn: work that never ends must not keep them waiting longer than its own caller waits. Only the runtime's
// own contexts say when that is.
async function whileWaitedFor<Result>(context: Context, work: () => Promise<Result>): Promise<Result> {
  if (!(context instanceof CallContext)) return work()
  const { scope } = context
  if (scope.ended) throw scope.ended
  return settledWithin(scope, work())
}

function found(last: Step | undefined, number: number): Step | undefined {
  let step = last
  while (step && step.number !== number) step = step.before
  return step
}

function valueOf(text: string | undefined): Json | void {
  if (text !== undefined) return JSON.parse(text) as Json
}
