import { defineModule } from "@hanok/contract"
import { partnerContract } from "../partner/contract.ts"
import { customerContract } from "./contract.ts"
import { needs } from "./ports.ts"
import { addressById, addressesOfCustomer } from "./queries/addresses.ts"
import { customerById, me } from "./queries/customers.ts"
import { signIn } from "./queries/sign-in.ts"
import { grantPartnerRole, revokePartnerRole } from "./reactions/partner-role.ts"
import { addAddress } from "./use-cases/add-address.ts"
import { registerAdmin, registerCustomer } from "./use-cases/register.ts"

export const customerModule = defineModule({
  contract: customerContract,
  owner: "team-membership",
  listens: { partner: partnerContract },
  needs,
  handlers: { registerCustomer, registerAdmin, signIn, me, addAddress, addressesOfCustomer, customerById, addressById },
  reactions: { partner: { partnerEnabled: grantPartnerRole, partnerDisabled: revokePartnerRole } },
})
