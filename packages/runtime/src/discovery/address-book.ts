import type { Address, AddressSource, Discovery } from "./address.ts"
import { addressText } from "./address.ts"

export interface AddressBook extends Discovery {
  /** Replaces what is known; services that are not named have no replica. */
  update(addresses: Readonly<Record<string, readonly Address[]>>): void
}

/** Discovery by being told: by the supervisor in development, by configuration elsewhere. */
export function createAddressBook(addresses: Readonly<Record<string, readonly Address[]>> = {}): AddressBook {
  const entries = new Map<string, Entry>()
  const entryOf = (service: string) => {
    const entry = entries.get(service) ?? { addresses: [], listeners: new Set<() => void>() }
    entries.set(service, entry)
    return entry
  }
  const update: AddressBook["update"] = (known) => {
    const given = new Map(Object.entries(known))
    for (const service of new Set([...entries.keys(), ...given.keys()])) change(entryOf(service), given.get(service) ?? [])
  }
  update(addresses)
  return { update, addressesOf: (service) => sourceOf(entryOf(service)), close: () => entries.clear() }
}

interface Entry {
  addresses: readonly Address[]
  readonly listeners: Set<() => void>
}

function sourceOf(entry: Entry): AddressSource {
  return {
    current: () => entry.addresses,
    onChange(listener) {
      entry.listeners.add(listener)
      return () => entry.listeners.delete(listener)
    },
  }
}

function change(entry: Entry, addresses: readonly Address[]): void {
  if (textOf(entry.addresses) === textOf(addresses)) return
  entry.addresses = addresses
  for (const listener of entry.listeners) listener()
}

function textOf(addresses: readonly Address[]): string {
  return addresses.map(addressText).toSorted().join()
}
