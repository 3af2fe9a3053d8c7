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

/** Discovery by DNS: every name is looked up again and again. A failed look-up keeps what was known. */
export function createDnsDiscovery(options: DnsDiscoveryOptions): Discovery {
  const book = createAddressBook()
  let known: Readonly<Record<string, readonly Address[]>> = {}
  let closed = false
  let timer: NodeJS.Timeout | undefined
  void refresh()

  async function refresh(): Promise<void> {
    const entries = await Promise.all(
      Object.entries(options.names).map(async ([service, name]) => [service, await resolve(service, name)] as const),
    )
    if (closed) return
    known = Object.fromEntries(entries)
    book.update(known)
    timer = setTimeout(() => void refresh(), options.everyMs ?? 2000)
    timer.unref()
  }

  async function resolve(service: string, { hostname, port }: DnsName): Promise<readonly Address[]> {
    try {
      const found = await lookup(hostname, { all: true })
      return found.map(({ address }) => ({ host: address, port }))
    } catch (error) {
      options.log.warn(`the replicas of ${service} cannot be looked up; keeping those known`, { hostname, error: String(error) })
      return known[service] ?? []
    }
  }

  return {
    addressesOf: book.addressesOf,
    close() {
      closed = true
      clearTimeout(timer)
      book.close()
    },
  }
}
