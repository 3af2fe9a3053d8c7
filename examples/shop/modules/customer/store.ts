import type { Store } from "@hanok/contract"
import type { Customer, Role, SavedAddress } from "./contract.ts"

/** A customer with what proves that it is them. */
export interface Account extends Customer {
  readonly passwordHash: string
}

export interface CustomerReads {
  accountByEmail(email: string): Promise<Account | undefined>
  accountById(customerId: string): Promise<Account | undefined>
  /** Oldest first. */
  addressesOf(customerId: string): Promise<readonly SavedAddress[]>
  address(customerId: string, addressId: string): Promise<SavedAddress | undefined>
}

export interface CustomerWrites {
  /** `false` when the e-mail address has an account already. */
  insertAccount(account: Account): Promise<boolean>
  /** Locks the account; `undefined` when there is none. */
  lockAccount(customerId: string): Promise<Account | undefined>
  setRoles(customerId: string, roles: readonly Role[]): Promise<void>
  countAddresses(customerId: string): Promise<number>
  insertAddress(customerId: string, address: SavedAddress): Promise<void>
}

export type CustomerStore = Store<CustomerReads, CustomerWrites>
