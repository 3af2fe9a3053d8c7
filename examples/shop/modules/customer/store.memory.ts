import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import type { SavedAddress } from "./contract.ts"
import type { Account, CustomerReads, CustomerStore, CustomerWrites } from "./store.ts"

interface OwnedAddress {
  readonly customerId: string
  readonly address: SavedAddress
}

const tables = () => ({
  accounts: new MemoryTable<Account, "email">({ email: ({ email }) => email }),
  addresses: new MemoryTable<OwnedAddress, "customerId">({ customerId: ({ customerId }) => customerId }),
})
type Tables = ReturnType<typeof tables>

export const customerStoreInMemory: Adapter<CustomerStore> = memoryStore<Tables, CustomerReads, CustomerWrites>({
  tables,
  read: ({ accounts, addresses }) => ({
    accountByEmail: async (email) => accounts.by("email", email)[0],
    accountById: async (customerId) => accounts.get(customerId),
    addressesOf: async (customerId) => addresses.by("customerId", customerId).map(({ address }) => address),
    async address(customerId, addressId) {
      const owned = addresses.get(addressId)
      return owned?.customerId === customerId ? owned.address : undefined
    },
  }),
  write: ({ accounts, addresses }, changes) => ({
    async insertAccount(account) {
      if (accounts.by("email", account.email).length > 0) return false
      changes.put(accounts, account.customerId, account)
      return true
    },
    lockAccount: async (customerId) => accounts.get(customerId),
    async setRoles(customerId, roles) {
      const account = accounts.get(customerId)
      if (account) changes.put(accounts, customerId, { ...account, roles: [...roles] })
    },
    countAddresses: async (customerId) => addresses.by("customerId", customerId).length,
    insertAddress: async (customerId, address) => changes.put(addresses, address.addressId, { customerId, address }),
  }),
})
