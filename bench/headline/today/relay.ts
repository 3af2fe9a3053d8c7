import { context, ROOT_CONTEXT, trace, TraceFlags } from "@opentelemetry/api"
import type { Delivery, Logger, Outbox } from "@hanok/contract"
import type { Pool } from "undici"

export interface RelayOptions {
  readonly outbox: Outbox
  poolOf(service: string): Pool
  readonly log: Logger
}

const pollMs = 500
const atOnce = 32
const leaseMs = 15_000
const timeoutMs = 10_000
const retryMs = 1_000

/** Posts events from the outbox to those that listen: at once after a commit, and by a poll for what was left behind. Returns how to stop. */
export function startRelay({ outbox, poolOf, log }: RelayOptions): () => void {
  let looking = false
  let again = false

  async function look(): Promise<void> {
    again = true
    if (looking) return
    looking = true
    try {
      while (again) again = await bringOut()
    } catch (error) {
      log.warn("the outbox cannot be read", { error: String(error) })
    } finally {
      looking = false
    }
  }

  async function bringOut(): Promise<boolean> {
    again = false
    const deliveries = await outbox.lease(atOnce, leaseMs)
    if (deliveries.length === 0) return again
    const delivered = await Promise.all(deliveries.map((delivery) => deliver(delivery)))
    await outbox.delivered(delivered.filter((id) => id !== undefined))
    return true
  }

  async function deliver(delivery: Delivery): Promise<string | undefined> {
    try {
      await post(poolOf(delivery.subscriber), delivery)
      return delivery.id
    } catch (error) {
      log.warn("an event could not be delivered; it is tried again", { error: String(error), subscriber: delivery.subscriber })
      await outbox.failed(delivery.id, String(error), retryMs)
      return undefined
    }
  }

  const timer = setInterval(() => void look(), pollMs)
  const unsubscribe = outbox.onAppended(() => void look())
  return () => {
    clearInterval(timer)
    unsubscribe()
  }
}

async function post(pool: Pool, { envelope }: Delivery): Promise<void> {
  const cause = trace.setSpanContext(ROOT_CONTEXT, { ...envelope.trace, traceFlags: TraceFlags.SAMPLED, isRemote: true })
  const { statusCode, body } = await context.with(cause, () =>
    pool.request({
      path: `/events/${envelope.contract}/${envelope.event}`,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(envelope.payload),
      signal: AbortSignal.timeout(timeoutMs),
    }),
  )
  await body.dump()
  if (statusCode >= 400) throw new Error(`status ${statusCode}`)
}
