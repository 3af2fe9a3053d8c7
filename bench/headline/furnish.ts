import { operationsOf } from "@hanok/contract"
import { signUserToken } from "@hanok/runtime"
import { createShopApi } from "../../examples/shop/load/api.ts"
import type { ShopApi } from "../../examples/shop/load/api.ts"
import type { Account } from "../../examples/shop/load/shopping/account.ts"
import { customerContract } from "../../examples/shop/modules/customer/contract.ts"
import { inventoryContract } from "../../examples/shop/modules/inventory/contract.ts"
import { itemContract } from "../../examples/shop/modules/item/contract.ts"
import type { SeedCall, SeedClient } from "../../examples/shop/seed/client.ts"
import { seed } from "../../examples/shop/seed.ts"

const tokenLifeSeconds = 3_600

/** Fills the shelves through the gateway, by the shop's own seed, and opens accounts for the customers of the load. */
export async function furnish(url: string, secret: string, accounts: number): Promise<readonly Account[]> {
  const api = createShopApi({ url })
  try {
    await seed({ client: seedClient(api, secret) })
    await fillUp(api, secret)
    return await Promise.all(Array.from({ length: accounts }, (_, number) => openAccount(api, secret, number)))
  } finally {
    await api.close()
  }
}

/** More than any run sells. */
const pieces = 1_000_000

async function fillUp(api: ShopApi, secret: string): Promise<void> {
  const token = await signUserToken(secret, { subject: "admin", roles: ["admin"] }, tokenLifeSeconds)
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await api.call(itemContract, "items", { limit: 100, ...(cursor === undefined ? {} : { cursor }) })
    for (const { itemId } of page.items) {
      const { variants } = await api.call(itemContract, "itemById", { itemId })
      for (const { sku } of variants) await api.call(inventoryContract, "receiveStock", { sku, quantity: pieces }, { token })
    }
    cursor = page.nextCursor
  }
}

// The token is signed here: signing in is made to be slow, and is no part of what is measured.
async function openAccount(api: ShopApi, secret: string, number: number): Promise<Account> {
  const name = `Customer ${number}`
  const registration = { email: `customer-${number}@example.com`, password: `the password of ${number}`, name }
  const { customerId } = await api.call(customerContract, "registerCustomer", registration)
  const token = await signUserToken(secret, { subject: customerId, roles: ["customer"] }, tokenLifeSeconds)
  const address = { recipient: name, phone: "010-0000-0000", postalCode: "03000", street: "1 Bukchon-ro", detail: "Gate" }
  const { addressId } = await api.call(customerContract, "addAddress", address, { token })
  return { token, addressId }
}

function seedClient(api: ShopApi, secret: string): SeedClient {
  return (contract) => {
    const functions = operationsOf(contract).map(([name]) => {
      const call = async (input: never, { identity, idempotencyKey }: SeedCall = {}) => {
        const token = identity && (await signUserToken(secret, identity, tokenLifeSeconds))
        return api.call(contract, name as never, input, { token, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
      }
      return [name, call] as const
    })
    // One function for each operation, which is what the mapped type says.
    return Object.fromEntries(functions) as ReturnType<SeedClient> as never
  }
}
