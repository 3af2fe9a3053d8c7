import type { Store } from "@hanok/contract"

/** What the simulated provider remembers of a charge: its own record of the money, to be held against the shop's. */
export interface LedgerEntry {
  readonly reference: string
  readonly amountCents: number
  readonly method: string
  readonly state: "HELD" | "TAKEN" | "RETURNED" | "DECLINED"
  readonly reason: string | null
}

export interface LedgerReads {
  entry(reference: string): Promise<LedgerEntry | undefined>
}

export interface LedgerWrites {
  /** Locks the entry with that reference, this one when there is none. */
  enter(entry: LedgerEntry): Promise<LedgerEntry>
  setState(reference: string, state: LedgerEntry["state"]): Promise<void>
}

export type Ledger = Store<LedgerReads, LedgerWrites>
