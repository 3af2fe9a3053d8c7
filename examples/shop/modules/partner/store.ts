import type { Store } from "@hanok/contract"
import type { Partner } from "./contract.ts"

export interface PartnerReads {
  partner(partnerId: string): Promise<Partner | undefined>
  partnerOfOwner(ownerId: string): Promise<Partner | undefined>
  partners(partnerIds: readonly string[]): Promise<readonly Partner[]>
}

export interface PartnerWrites {
  /** The partner of the same owner when there is one already; otherwise it is inserted. */
  insertPartner(partner: Partner): Promise<Partner | undefined>
  /** Locks the partner; `undefined` when there is none. */
  lockPartner(partnerId: string): Promise<Partner | undefined>
  setState(partnerId: string, state: Partner["state"]): Promise<void>
}

export type PartnerStore = Store<PartnerReads, PartnerWrites>
