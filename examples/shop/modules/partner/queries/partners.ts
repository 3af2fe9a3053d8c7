import type { PartnerHandler } from "../ports.ts"

export const partnerById: PartnerHandler<"partnerById"> =
  ({ store }) =>
  async ({ partnerId }, context) => {
    const partner = await store.read(context).partner(partnerId)
    if (!partner) throw context.refusal("PARTNER_NOT_FOUND", {})
    return partner
  }

export const partnerOfOwner: PartnerHandler<"partnerOfOwner"> =
  ({ store }) =>
  async ({ ownerId }, context) => {
    const partner = await store.read(context).partnerOfOwner(ownerId)
    if (!partner) throw context.refusal("PARTNER_NOT_FOUND", {})
    return partner
  }

export const partnersByIds: PartnerHandler<"partnersByIds"> =
  ({ store }) =>
  async ({ partnerIds }, context) => [...(await store.read(context).partners(partnerIds))]
