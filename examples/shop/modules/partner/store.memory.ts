import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import type { Partner } from "./contract.ts"
import type { PartnerReads, PartnerStore, PartnerWrites } from "./store.ts"

const tables = () => ({ partners: new MemoryTable<Partner, "ownerId">({ ownerId: ({ ownerId }) => ownerId }) })

export const partnerStoreInMemory: Adapter<PartnerStore> = memoryStore<ReturnType<typeof tables>, PartnerReads, PartnerWrites>({
  tables,
  read: ({ partners }) => ({
    partner: async (partnerId) => partners.get(partnerId),
    partnerOfOwner: async (ownerId) => partners.by("ownerId", ownerId)[0],
    partners: async (partnerIds) => partnerIds.map((id) => partners.get(id)).filter((partner) => partner !== undefined),
  }),
  write: ({ partners }, changes) => ({
    async insertPartner(partner) {
      const existing = partners.by("ownerId", partner.ownerId)[0]
      if (!existing) changes.put(partners, partner.partnerId, partner)
      return existing
    },
    lockPartner: async (partnerId) => partners.get(partnerId),
    async setState(partnerId, state) {
      const partner = partners.get(partnerId)
      if (partner) changes.put(partners, partnerId, { ...partner, state })
    },
  }),
})
