import type { PartnerHandler } from "../ports.ts"

export const enablePartner: PartnerHandler<"enablePartner"> =
  ({ store, events }) =>
  ({ partnerId }, context) =>
    store.transaction(context, async (tx) => {
      const partner = await tx.lockPartner(partnerId)
      if (!partner) throw context.refusal("PARTNER_NOT_FOUND", {})
      if (partner.state === "ENABLED") return partner
      await tx.setState(partnerId, "ENABLED")
      await events.partnerEnabled(tx, { partnerId, ownerId: partner.ownerId }, context)
      return { ...partner, state: "ENABLED" as const }
    })
