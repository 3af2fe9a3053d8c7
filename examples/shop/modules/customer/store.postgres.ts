import type { Adapter } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import type { Generated, Kysely } from "@hanok/postgres"
import type { Role, SavedAddress } from "./contract.ts"
import type { CustomerReads, CustomerStore, CustomerWrites } from "./store.ts"

interface CustomerTables {
  account: { customerId: string; email: string; name: string; roles: Role[]; passwordHash: string }
  address: SavedAddress & { customerId: string; createdAt: Generated<Date> }
}

export const customerStore: Adapter<CustomerStore> = postgres<CustomerTables, CustomerReads, CustomerWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: reads,
  write: writes,
})

const addressColumns = ["addressId", "recipient", "phone", "postalCode", "street", "detail"] as const

function reads(db: Kysely<CustomerTables>): CustomerReads {
  const addresses = (customerId: string) => db.selectFrom("address").select(addressColumns).where("customerId", "=", customerId)
  return {
    accountByEmail: (email) => db.selectFrom("account").selectAll().where("email", "=", email).executeTakeFirst(),
    accountById: (customerId) => db.selectFrom("account").selectAll().where("customerId", "=", customerId).executeTakeFirst(),
    addressesOf: (customerId) => addresses(customerId).orderBy("createdAt").orderBy("addressId").execute(),
    address: (customerId, addressId) => addresses(customerId).where("addressId", "=", addressId).executeTakeFirst(),
  }
}

function writes(db: Kysely<CustomerTables>): CustomerWrites {
  return {
    async insertAccount(account) {
      const inserted = db
        .insertInto("account")
        .values(account)
        .onConflict((conflict) => conflict.column("email").doNothing())
      return (await inserted.returning("customerId").execute()).length > 0
    },
    lockAccount: (customerId) => db.selectFrom("account").selectAll().where("customerId", "=", customerId).forUpdate().executeTakeFirst(),
    async setRoles(customerId, roles) {
      await db
        .updateTable("account")
        .set({ roles: [...roles] })
        .where("customerId", "=", customerId)
        .execute()
    },
    async countAddresses(customerId) {
      const addresses = db.selectFrom("address").where("customerId", "=", customerId)
      return (await addresses.select((row) => row.fn.countAll<number>().as("count")).executeTakeFirstOrThrow()).count
    },
    async insertAddress(customerId, address) {
      await db
        .insertInto("address")
        .values({ ...address, customerId })
        .execute()
    },
  }
}
