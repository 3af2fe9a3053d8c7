import { lookup } from "node:dns/promises"
import type { Logger } from "@hanok/contract"
import { now } from "../recorder/clock.ts"
import type { Address, Discovery } from "./address.ts"
import { createAddressBook } from "./address-book.ts"

/** A name that resolves to every replica, as that of a Kubernetes headless service does, and the port they share. */
export interface DnsName {
  readonly hostname: string
  readonly port: number
}

export interface DnsDiscoveryOptions {
  readonly names: Readonly<Record<string, DnsName>>
  readonly log: Logger
  /** How often the names are looked up, in milliseconds; 2000 when not given. */
  readonly everyMs?: number
}

/**
 * Discovery by DNS: the names of services whose addresses somebody has asked for are looked up again and again, each by itself. A failed
 * look-up keeps what was known; each reason is told once, until one succeeds.
 */
export function createDnsDiscovery({ names, log, everyMs = 2000 }: DnsDiscoveryOptions): Discovery {
  const book = createAddressBook()
  const unasked = new Map(Object.entries(names))
  const timers = new Map<string, NodeJS.Timeout>()
  /** What was told of each service since it could be looked up. */
  const troubles = new Map<string, Set<string>>()
  /** Those that failed, and only after more than the time between two look-ups. */
  const unanswered = new Set<string>()
  let known: Readonly<Record<string, readonly Address[]>> = {}
  let turn: Promise<unknown> = Promise.resolve()
  let closed = false

  async function refresh(service: string, name: DnsName): Promise<void> {
    const found = await (unanswered.has(service) ? resolveInTurn(service, name) : resolve(service, name))
    if (closed) return
    if (found) book.update((known = { ...known, [service]: found }))
    timers.set(service, setTimeout(() => void refresh(service, name), everyMs).unref())
  }

  // The system looks up two names at once. One that its server does not answer takes it ten seconds and more, in which it does nothing
  // for others, the database's among them, if there are two of these.
  function resolveInTurn(service: string, name: DnsName): ReturnType<typeof resolve> {
    const found = turn.then(() => (closed ? undefined : resolve(service, name)))
    turn = found
    return found
  }

  async function resolve(service: string, { hostname, port }: DnsName): Promise<readonly Address[] | undefined> {
    const beganAtMs = now()
    unanswered.delete(service)
    try {
      const found = await lookup(hostname, { all: true })
      if (!closed && troubles.delete(service)) log.info(`the replicas of ${service} can be looked up again`, { hostname })
      return found.map(({ address }) => ({ host: address, port }))
    } catch (error) {
      if (now() - beganAtMs > everyMs) unanswered.add(service)
      tell(service, hostname, String(error))
      return undefined
    }
  }

  // A service that has no replica has no name, either, and may have none for days: that is no line every two seconds, nor where name
  // servers are of two minds about it.
  function tell(service: string, hostname: string, error: string): void {
    const told = troubles.get(service) ?? new Set<string>()
    if (closed || told.has(error)) return
    troubles.set(service, told.add(error))
    log.warn(`the replicas of ${service} cannot be looked up; keeping those known`, { hostname, error })
  }

  return {
    addressesOf(service) {
      const name = unasked.get(service)
      unasked.delete(service)
      if (name && !closed) void refresh(service, name)
      return book.addressesOf(service)
    },
    close() {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
      book.close()
    },
  }
}
