import { subjectOf } from "../../../kernel/subject.ts"
import type { Partner } from "../contract.ts"
import type { PartnerHandler } from "../ports.ts"

export const registerPartner: PartnerHandler<"registerPartner"> =
  ({ store }) =>
  async (input, context) => {
    const partner: Partner = { partnerId: context.newId(), ownerId: subjectOf(context), ...input, state: "REGISTERED" }
    await store.transaction(context, async (tx) => {
      const existing = await tx.insertPartner(partner)
      if (existing) throw context.refusal("ALREADY_A_PARTNER", { partnerId: existing.partnerId })
    })
    return partner
  }
