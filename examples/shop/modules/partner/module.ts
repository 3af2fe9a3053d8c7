import { defineModule } from "@hanok/contract"
import { partnerContract } from "./contract.ts"
import { needs } from "./ports.ts"
import { partnerById, partnerOfOwner, partnersByIds } from "./queries/partners.ts"
import { disablePartner } from "./use-cases/disable-partner.ts"
import { enablePartner } from "./use-cases/enable-partner.ts"
import { registerPartner } from "./use-cases/register-partner.ts"

export const partnerModule = defineModule({
  contract: partnerContract,
  owner: "team-partner",
  needs,
  handlers: { registerPartner, enablePartner, disablePartner, partnerById, partnerOfOwner, partnersByIds },
})
