import { lookup } from "node:dns/promises"
import type { Logger } from "@hanok/contract"
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

/** Discovery by DNS: every name is looked up again and again, each by itself. A failed look-up keeps what was known, and is told once. */
export function createDnsDiscovery({ names, log, everyMs = 2000 }: DnsDiscoveryOptions): Discovery {
  const book = createAddressBook()
  const timers = new Map<string, NodeJS.Timeout>()
  const troubles = new Map<string, string>()
  let known: Readonly<Record<string, readonly Address[]>> = {}
  let closed = false
  for (const [service, name] of Object.entries(names)) void refresh(service, name)

  async function refresh(service: string, name: DnsName): Promise<void> {
    const found = await resolve(service, name)
    if (closed) return
    if (found) book.update((known = { ...known, [service]: found }))
    timers.set(service, setTimeout(() => void refresh(service, name), everyMs).unref())
  }

  async function resolve(service: string, { hostname, port }: DnsName): Promise<readonly Address[] | undefined> {
    try {
      const found = await lookup(hostname, { all: true })
      if (!closed && troubles.delete(service)) log.info(`the replicas of ${service} can be looked up again`, { hostname })
      return found.map(({ address }) => ({ host: address, port }))
    } catch (error) {
      tell(service, hostname, String(error))
      return undefined
    }
  }

  // A service that has no replica has no name, either, and may have none for days: that is no line every two seconds.
  function tell(service: string, hostname: string, error: string): void {
    if (closed || troubles.get(service) === error) return
    troubles.set(service, error)
    log.warn(`the replicas of ${service} cannot be looked up; keeping those known`, { hostname, error })
  }

  return {
    addressesOf: book.addressesOf,
    close() {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
      book.close()
    },
  }
}
