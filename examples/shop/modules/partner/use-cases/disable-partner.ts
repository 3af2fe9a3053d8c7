import type { PartnerHandler } from "../ports.ts"

export const disablePartner: PartnerHandler<"disablePartner"> =
  ({ store, events }) =>
  ({ partnerId }, context) =>
    store.transaction(context, async (tx) => {
      const partner = await tx.lockPartner(partnerId)
      if (!partner) throw context.refusal("PARTNER_NOT_FOUND", {})
      if (partner.state === "DISABLED") return partner
      await tx.setState(partnerId, "DISABLED")
      await events.partnerDisabled(tx, { partnerId, ownerId: partner.ownerId }, context)
      return { ...partner, state: "DISABLED" as const }
    })
