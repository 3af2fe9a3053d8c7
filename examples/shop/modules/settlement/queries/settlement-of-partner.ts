import { refusalOf } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import { hasRole, subjectOf } from "../../../kernel/subject.ts"
import { partnerContract } from "../../partner/contract.ts"
import { settlementCoreContract } from "../core/contract.ts"
import type { SettlementHandler, SettlementPorts } from "../ports.ts"

export const settlementOfPartner: SettlementHandler<"settlementOfPartner"> =
  ({ partner, core }) =>
  async ({ partnerId, month }, context) => {
    if (!(await maySee(partner, partnerId, context))) throw context.refusal("PARTNER_NOT_FOUND", {})
    return { partnerId, month, ...(await statementOf(core, { partnerId, month }, context)) }
  }

// To another partner, a partner's books do not even exist.
async function maySee(partner: SettlementPorts["partner"], partnerId: string, context: Context): Promise<boolean> {
  try {
    if (hasRole(context, "admin")) return (await partner.partnerById({ partnerId }, context)).partnerId === partnerId
    return (await partner.partnerOfOwner({ ownerId: subjectOf(context) }, context)).partnerId === partnerId
  } catch (error) {
    const refused = refusalOf(partnerContract, "partnerById", error) ?? refusalOf(partnerContract, "partnerOfOwner", error)
    if (refused) return false
    throw error
  }
}

type Asked = Parameters<SettlementPorts["core"]["statementOf"]>[0]

const nothing = { salesCount: 0, grossCents: 0, commissionCents: 0, netCents: 0 }

// The core knows a partner from its first sale on.
async function statementOf(core: SettlementPorts["core"], asked: Asked, context: Context): Promise<typeof nothing> {
  try {
    return await core.statementOf(asked, context)
  } catch (error) {
    if (refusalOf(settlementCoreContract, "statementOf", error)) return nothing
    throw error
  }
}
