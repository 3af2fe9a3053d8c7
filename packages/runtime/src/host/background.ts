import { setTimeout as sleep } from "node:timers/promises"
import { Fault, isFault } from "@hanok/contract"
import type { Delivery, EventEnvelope, Journal } from "@hanok/contract"
import { CallContext } from "../context/call-context.ts"
import { longestTimerMs } from "../context/deadlines.ts"
import { flatText } from "../context/flat-text.ts"
import { nobodysRequest } from "../context/request-traits.ts"
import { Scope } from "../context/scope.ts"
import { settledWithin } from "../context/settled-within.ts"
import { createRelay } from "../events/relay.ts"
import type { Relay } from "../events/relay.ts"
import { UnknownReaction } from "../events/unknown-reaction.ts"
import { loggerFor } from "../log.ts"
import { now } from "../recorder/clock.ts"
import { newRootSpanIds, parseSpanIds } from "../recorder/index.ts"
import type { Seam } from "../seam/seam.ts"
import type { HostedJob, HostedModule } from "./hosted-module.ts"
import type { HostClosing, Household } from "./host.ts"
import { saysNotHere } from "./dispatch.ts"
import { createJobs } from "./jobs.ts"
import type { ScheduledJob } from "./jobs.ts"
import { subscribersOf } from "./rules.ts"

/** Longer than a reaction may take, so that who is told of the event says it first; shorter than a relay's lease. */
const deliveryTimeoutMs = 11_000
const jobTimeoutMs = 60_000
/** How long two versions may run side by side: for so long an event waits whose subscriber is unknown here. */
const deployMs = 3_600_000
/** How long closing waits, after its grace, for an outbox or a journal to note what was cut. */
const notingMs = 1_000
const forgetEveryMs = 3_600_000
/** A journal of some millions of keys is read for minutes. So long the other replicas leave it to the one that has begun. */
const forgetTimeoutMs = 600_000
/** How long an idempotency key is remembered after its command has ended. */
const rememberedMs = 24 * 3_600_000

export interface Background {
  /** By module; one for each of its stores. */
  readonly relays: ReadonlyMap<string, readonly Relay[]>
  /** Begins nothing new, lets what is under way end for `graceMs`, then stops waiting for it. */
  close(options: HostClosing): Promise<void>
}

/** Starts what a host does unasked: bringing events out, running jobs, forgetting old keys. */
export function startBackground(household: Household, local: Seam): Background {
  const hosts = [...household.hosted.values()]
  const log = loggerFor(household.options.log, {})
  const life = Scope.lasting(Number.POSITIVE_INFINITY)
  const relays = new Map(hosts.map((host) => [host.module.contract.name, relaysOf(household, host, local, life)]))
  const scheduled = hosts.flatMap((host) => jobsOf(household, host, life))
  const jobs = createJobs(scheduled.concat(hosts.flatMap((host) => forgetting(host, life))), log)
  return {
    relays,
    async close({ graceMs, crashed = false }) {
      const ended = Promise.all([jobs.close(), ...[...relays.values()].flat().map((relay) => relay.close({ crashed }))])
      const over = new AbortController()
      await Promise.race([ended.finally(() => over.abort()), cutAfter(life, graceMs, over.signal)])
    },
  }
}

/** Ends the life when the grace is over, and resolves when those who note that have had the time to. */
async function cutAfter(life: Scope, graceMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(Math.min(graceMs, longestTimerMs), undefined, { signal })
    life.cancel("the service is stopping")
    await sleep(notingMs, undefined, { signal })
  } catch {
    // All has ended before.
  }
}

/** Does the work in a scope of its own, and waits no longer for it than that lasts. */
async function limited<T>(life: Scope, timeoutMs: number, work: (scope: Scope) => Promise<T>): Promise<T> {
  const scope = life.within(timeoutMs, now())
  try {
    return await settledWithin(scope, work(scope))
  } finally {
    scope.leave()
  }
}

function relaysOf(household: Household, { module, outboxes }: HostedModule, local: Seam, life: Scope): readonly Relay[] {
  const log = loggerFor(household.options.log, { module: module.contract.name })
  return outboxes.map((outbox) => createRelay({ outbox, log, deliver: (delivery) => deliver(household, local, life, delivery) }))
}

async function deliver(household: Household, local: Seam, life: Scope, { envelope, subscriber }: Delivery): Promise<void> {
  const place = household.place(subscriber)
  const seam = place.kind === "inline" ? local : place.seam
  const pending = seam.send({
    caller: envelope.contract,
    kind: "event",
    contract: envelope.contract,
    operation: envelope.event,
    subscriber,
    input: envelope.payload,
    remainingMs: deliveryTimeoutMs,
    trace: parseSpanIds(envelope.trace.traceId, envelope.trace.spanId),
    identity: undefined,
    idempotencyKey: flatText("event ", envelope.id, " for ", subscriber),
  })
  try {
    await limited(life, deliveryTimeoutMs, () => pending.reply)
  } catch (error) {
    pending.cancel()
    throw fromAnotherVersion(household, envelope, subscriber, error)
  }
}

// Who knows nothing of a reaction that this version knows runs another one, and is about to be replaced, or to replace this. Whoever
// emitted an event knew its subscribers: where this version does not, it is the one that is about to be replaced, or they are no more.
function fromAnotherVersion({ options }: Household, envelope: EventEnvelope, subscriber: string, error: unknown): unknown {
  const { contract, event, occurredAt } = envelope
  const isKnown = subscribersOf(options.topology, contract, event).includes(subscriber)
  const isKnownElsewhere = isKnown || Date.now() - occurredAt < deployMs
  if (!isKnownElsewhere || !isFault(error) || !saysNotHere.has(error.code)) return error
  if (!isKnown) return new UnknownReaction(error)
  return new Fault("INCOMPATIBLE_CONTRACT", `The subscriber's service runs another version: ${error.message}`, { cause: error })
}

function jobsOf(household: Household, host: HostedModule, life: Scope): readonly ScheduledJob[] {
  const module = host.module.contract.name
  return host.jobs.map((job) => ({
    name: `${module}.${job.name}`,
    everyMs: job.everyMs,
    // With the module's name: what the job makes and calls under its key is not another module's, whose job has the same name.
    run: (tick) =>
      limited(life, jobTimeoutMs, (scope) => runJob(household, host, job, `job ${module}.${job.name} ${tick}`, scope)).catch(
        (error: unknown) => {
          job.counts.failed += 1
          throw error
        },
      ),
  }))
}

async function runJob(
  household: Household,
  host: HostedModule,
  { name, start, counts }: HostedJob,
  key: string,
  scope: Scope,
): Promise<"elsewhere" | void> {
  const contract = host.module.contract.name
  const origin = household.origin(contract, name, { module: contract, spanName: `job ${contract}.${name}` })
  let ran = false
  const run = async () => {
    const ids = newRootSpanIds()
    const context = new CallContext(origin, ids, ids, "internal", scope, jobTimeoutMs, nobodysRequest, key)
    try {
      await settledWithin(
        scope,
        household.enter(context.ids, () => start(context)),
      )
      context.end()
      ran = true
    } catch (error) {
      context.end(error)
      throw error
    }
  }
  if (!(await host.once.runOrLeave({ contract, operation: name, key, fingerprint: "", scope, run }, jobTimeoutMs))) return "elsewhere"
  if (ran && !scope.ended) counts.done += 1
}

// Each of its stores keeps the steps of its own transactions.
function forgetting({ module, journals, once }: HostedModule, life: Scope): readonly ScheduledJob[] {
  const contract = module.contract.name
  const forget = (journal: Journal, key: string) =>
    limited(life, forgetTimeoutMs, async (scope): Promise<"elsewhere" | void> => {
      const run = async () => void (await journal.forget(rememberedMs))
      const work = { contract, operation: "forget", key, fingerprint: "", scope, run }
      if (!(await once.runOrLeave(work, forgetTimeoutMs))) return "elsewhere"
    })
  return journals.map((journal, number) => ({
    name: `${contract}.forget`,
    everyMs: forgetEveryMs,
    run: (tick) => forget(journal, `forget ${number} ${tick}`),
  }))
}
