import { refusalOf } from "@hanok/contract"
import type { Identity } from "@hanok/contract"
import { partnerContract } from "../modules/partner/contract.ts"
import { open, seeder, sellers } from "./accounts.ts"
import type { SeedClient } from "./client.ts"

const businesses = [
  { name: "Icheon Celadon", businessNumber: "101-20-30401" },
  { name: "Jeonju Hanji", businessNumber: "102-20-30402" },
  { name: "Boseong Tea", businessNumber: "103-20-30403" },
]

/** Registers and enables the partners. Returns those who act for them, in the order of the catalogue. */
export async function seedPartners(client: SeedClient): Promise<readonly Identity[]> {
  const owners: Identity[] = []
  for (const [index, seller] of sellers.entries()) {
    const owner = { subject: await open(client, seller), roles: ["customer", "partner"] }
    const partnerId = await register(client, owner, businesses[index] ?? { name: seller.name, businessNumber: "100-20-30400" })
    await client(partnerContract).enablePartner({ partnerId }, { identity: seeder, idempotencyKey: `seed/enable/${partnerId}` })
    owners.push(owner)
  }
  return owners
}

async function register(client: SeedClient, identity: Identity, business: (typeof businesses)[number]): Promise<string> {
  const call = { identity, idempotencyKey: `seed/partner/${business.businessNumber}` }
  try {
    return (await client(partnerContract).registerPartner(business, call)).partnerId
  } catch (error) {
    const refused = refusalOf(partnerContract, "registerPartner", error)
    if (!refused) throw error
    return refused.details.partnerId
  }
}
