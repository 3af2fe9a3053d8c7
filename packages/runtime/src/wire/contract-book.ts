import type { Json } from "@hanok/contract"

/** What a process knows of contracts: fingerprints to compare when two connect, descriptions where those differ. */
export interface ContractBook {
  /** Of each contract of the topology, by name. */
  readonly fingerprints: Readonly<Record<string, string>>
  /** The whole description of a contract as this process knows it; `undefined` when it does not. */
  describe(contract: string): Json | undefined
  /** Why this process cannot call the operations of a contract that the other side describes so; `undefined` when it can. */
  callTrouble(contract: string, theirs: Json): string | undefined
  /** Why this process cannot tell the other side the events of its own contract. */
  eventTrouble(contract: string, theirs: Json): string | undefined
}

/** What the connecting side says first. */
export interface ClientHello {
  readonly service: string
  /** Fingerprints by contract. */
  readonly contracts: Readonly<Record<string, string>>
}

/** What the other side answers; then calls may be sent. */
export interface ServerHello {
  readonly service: string
  readonly instance: string
  /** Descriptions of the contracts that it knows in another version than the connecting side; `null` for those that it does not know. */
  readonly differing: Readonly<Record<string, Json>>
  /** Those that live there. Who does not say it takes nothing that is passed on. */
  readonly modules?: readonly string[]
}

/** What this side knows of the contracts that it does not know as the other side does. */
export function differingContracts(book: ContractBook, theirs: Readonly<Record<string, string>>): Readonly<Record<string, Json>> {
  const differing = Object.entries(theirs).filter(([name, fingerprint]) => book.fingerprints[name] !== fingerprint)
  return Object.fromEntries(differing.map(([name]) => [name, book.describe(name) ?? null]))
}
