import { isRefusal } from "@hanok/contract"
import { customerContract } from "../../modules/customer/contract.ts"
import type { ShopApi } from "../api.ts"
import type { Shopper } from "./shopper.ts"

/** A shopper's account, signed in. */
export interface Account {
  readonly token: string
  readonly addressId: string
}

/** The shopper's account; it registers and signs in when it has none. */
export async function accountOf(shopper: Shopper): Promise<Account> {
  shopper.account ??= await openAccount(shopper.api, shopper.name)
  return shopper.account
}

/** Registers anew, under another name. What the account before had is left behind. */
export async function join(shopper: Shopper): Promise<void> {
  shopper.joined += 1
  Object.assign(shopper, { orderIds: [], giftOrderIds: [], couponIds: [] })
  shopper.account = await openAccount(shopper.api, `${shopper.name}-${shopper.joined}`)
}

/** Registers under that name, signs in and saves an address. */
export async function openAccount(api: ShopApi, name: string): Promise<Account> {
  const credentials = { email: `${name}@example.com`, password: `the password of ${name}` }
  await api.call(customerContract, "registerCustomer", { ...credentials, name }).catch(unlessRegistered)
  const { token } = await api.call(customerContract, "signIn", credentials)
  const address = { recipient: name, phone: "010-0000-0000", postalCode: "03000", street: "1 Bukchon-ro", detail: "Gate" }
  const { addressId } = await api.call(customerContract, "addAddress", address, { token })
  return { token, addressId }
}

// It had registered before its token expired, or before a try whose answer was lost.
function unlessRegistered(error: unknown): void {
  if (!isRefusal(error) || error.code !== "EMAIL_TAKEN") throw error
}
