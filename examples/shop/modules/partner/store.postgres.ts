import type { Adapter } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import type { Kysely } from "@hanok/postgres"
import type { Partner } from "./contract.ts"
import type { PartnerReads, PartnerStore, PartnerWrites } from "./store.ts"

interface PartnerTables {
  partner: Partner
}

export const partnerStore: Adapter<PartnerStore> = postgres<PartnerTables, PartnerReads, PartnerWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: reads,
  write: writes,
})

function reads(db: Kysely<PartnerTables>): PartnerReads {
  const partners = db.selectFrom("partner").selectAll()
  return {
    partner: (partnerId) => partners.where("partnerId", "=", partnerId).executeTakeFirst(),
    partnerOfOwner: (ownerId) => partners.where("ownerId", "=", ownerId).executeTakeFirst(),
    partners: async (partnerIds) => (partnerIds.length === 0 ? [] : partners.where("partnerId", "in", partnerIds).execute()),
  }
}

function writes(db: Kysely<PartnerTables>): PartnerWrites {
  const partners = db.selectFrom("partner").selectAll()
  return {
    async insertPartner(partner) {
      const inserted = db
        .insertInto("partner")
        .values(partner)
        .onConflict((conflict) => conflict.column("ownerId").doNothing())
      if ((await inserted.returning("partnerId").execute()).length > 0) return undefined
      return partners.where("ownerId", "=", partner.ownerId).executeTakeFirst()
    },
    lockPartner: (partnerId) => partners.where("partnerId", "=", partnerId).forUpdate().executeTakeFirst(),
    async setState(partnerId, state) {
      await db.updateTable("partner").set({ state }).where("partnerId", "=", partnerId).execute()
    },
  }
}
