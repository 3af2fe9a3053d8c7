import { Fault } from "@hanok/contract"
import type { Delivery } from "@hanok/contract"
import { CallContext } from "../context/call-context.ts"
import { flatText } from "../context/flat-text.ts"
import { nobodysRequest } from "../context/request-traits.ts"
import { Scope } from "../context/scope.ts"
import { createRelay } from "../events/relay.ts"
import type { Relay } from "../events/relay.ts"
import { loggerFor } from "../log.ts"
import { newRootSpanIds, parseSpanIds } from "../recorder/index.ts"
import type { Seam } from "../seam/seam.ts"
import type { HostedModule } from "./hosted-module.ts"
import type { Household } from "./host.ts"
import { createJobs } from "./jobs.ts"
import type { ScheduledJob } from "./jobs.ts"
import { onceOrNever } from "./once.ts"

const reactionTimeoutMs = 10_000
const jobTimeoutMs = 60_000
const forgetEveryMs = 3_600_000
/** How long an idempotency key is remembered after its command has ended. */
const rememberedMs = 24 * 3_600_000

/** Starts what a host does unasked: bringing events out, running jobs, forgetting old keys. */
export function startBackground(household: Household, local: Seam): { close(): Promise<void> } {
  const hosts = [...household.hosted.values()]
  const log = loggerFor(household.options.log, {})
  const relays = hosts.map((host) => relayOf(household, host, local)).filter((relay) => relay !== undefined)
  const scheduled = hosts.flatMap((host) => jobsOf(household, host))
  const jobs = createJobs(scheduled.concat(hosts.map(forgetting)), log)
  return {
    async close() {
      await Promise.all([jobs.close(), ...relays.map((relay) => relay.close())])
    },
  }
}

function relayOf(household: Household, host: HostedModule, local: Seam): Relay | undefined {
  if (!host.outbox) return undefined
  const log = loggerFor(household.options.log, { module: host.module.contract.name })
  return createRelay({ outbox: host.outbox, log, deliver: (delivery) => deliver(household, local, delivery) })
}

async function deliver(household: Household, local: Seam, { envelope, subscriber }: Delivery): Promise<void> {
  const place = household.place(subscriber)
  const seam = place.kind === "inline" ? local : place.seam
  const pending = seam.send({
    caller: envelope.contract,
    kind: "event",
    contract: envelope.contract,
    operation: envelope.event,
    subscriber,
    input: envelope.payload,
    remainingMs: reactionTimeoutMs,
    trace: parseSpanIds(envelope.trace.traceId, envelope.trace.spanId),
    identity: undefined,
    idempotencyKey: flatText("event ", envelope.id, " for ", subscriber),
  })
  const timer = setTimeout(() => pending.cancel(), reactionTimeoutMs)
  await pending.reply.finally(() => clearTimeout(timer))
}

function jobsOf(household: Household, host: HostedModule): readonly ScheduledJob[] {
  const module = host.module.contract.name
  return Object.entries(host.jobs).map(([name, job]) => ({
    name: `${module}.${name}`,
    everyMs: job.everyMs,
    run: (tick) => runJob(household, host, name, `job ${name} ${tick}`),
  }))
}

async function runJob(household: Household, host: HostedModule, name: string, key: string): Promise<void> {
  const job = host.jobs[name]
  if (!job) throw new Fault("INTERNAL", `${host.module.contract.name} has no job ${name}.`)
  const contract = host.module.contract.name
  const scope = Scope.lasting(jobTimeoutMs)
  const origin = household.origin(contract, name, { module: contract, spanName: `job ${contract}.${name}` })
  const run = async () => {
    const ids = newRootSpanIds()
    const context = new CallContext(origin, ids, ids, "internal", scope, jobTimeoutMs, nobodysRequest, key)
    try {
      await household.enter(context.ids, () => job.start(context))
      context.end()
    } catch (error) {
      context.end(error)
      throw error
    }
  }
  try {
    await onceOrNever(host.journal, { contract, operation: name, key, fingerprint: "", scope, run })
  } finally {
    scope.close()
  }
}

function forgetting(host: HostedModule): ScheduledJob {
  return {
    name: `${host.module.contract.name}.forget`,
    everyMs: forgetEveryMs,
    run: async () => void (await host.journal.forget(rememberedMs)),
  }
}
