import { admin, customers, open, sellers } from "./seed/accounts.ts"
import type { SeedAccount } from "./seed/accounts.ts"
import { catalogue } from "./seed/catalogue.ts"
import type { SeedClient } from "./seed/client.ts"
import { isSeeded, seedCoupons } from "./seed/coupons.ts"
import { seedItems } from "./seed/items.ts"
import { seedPartners } from "./seed/partners.ts"

/**
 * Furnishes an empty shop: an admin, three partners with twenty items each, two customers, and coupons. All of it goes
 * through the operations of the modules. Safe to repeat, also after it was interrupted; a shop that is furnished is left
 * as it is. Returns the accounts to sign in with, which are for development only.
 */
export async function seed({ client }: { readonly client: SeedClient }): Promise<readonly SeedAccount[]> {
  if (!(await isSeeded(client))) await furnish(client)
  return [admin, ...sellers, ...customers]
}

async function furnish(client: SeedClient): Promise<void> {
  await open(client, admin)
  const owners = await seedPartners(client)
  for (const [index, seller] of owners.entries()) await seedItems(client, seller, catalogue[index] ?? [])
  const customerIds = []
  for (const customer of customers) customerIds.push(await open(client, customer))
  await seedCoupons(client, customerIds)
}
