import type { Adapter } from "@hanok/contract"
import { postgres, sql } from "@hanok/postgres"
import type { JSONColumnType, Kysely, Selectable } from "@hanok/postgres"
import type { Timestamp } from "../../kernel/timestamp.ts"
import type { Coupon, CouponRule, Discount } from "./contract.ts"
import type { CouponReads, CouponStore, CouponWrites, Redemption, StoredCoupon } from "./store.ts"

interface CouponTables {
  rule: Omit<CouponRule, "discount" | "validUntil"> & { discount: JSONColumnType<Discount>; validUntil: Timestamp }
  coupon: StoredCoupon
  redemption: Redemption
}

export const couponStore: Adapter<CouponStore> = postgres<CouponTables, CouponReads, CouponWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: reads,
  write: writes,
})

function reads(db: Kysely<CouponTables>): CouponReads {
  return {
    rules: async () => (await db.selectFrom("rule").selectAll().orderBy("code").execute()).map(ruleOf),
    async couponsOf(customerId) {
      const owned = db.selectFrom("coupon").innerJoin("rule", "rule.code", "coupon.code").where("customerId", "=", customerId)
      const rows = owned.selectAll("rule").select(["couponId", "customerId", "orderId"]).orderBy("validUntil").orderBy("couponId")
      return (await rows.execute()).map(couponOf)
    },
  }
}

function writes(db: Kysely<CouponTables>): CouponWrites {
  const ruleWith = (code: string) => db.selectFrom("rule").selectAll().where("code", "=", code)
  return {
    async insertRule(rule) {
      const inserted = db.insertInto("rule").values({ ...rule, discount: JSON.stringify(rule.discount) })
      const added = inserted.onConflict((conflict) => conflict.column("code").doNothing()).returning("code")
      return (await added.execute()).length > 0
    },
    rule: async (code) => optional(await ruleWith(code).executeTakeFirst()),
    lockRule: async (code) => optional(await ruleWith(code).forUpdate().executeTakeFirst()),
    async countCoupons(code, customerId) {
      const owned = db.selectFrom("coupon").where("customerId", "=", customerId).where("code", "=", code)
      return (await owned.select((row) => row.fn.countAll<number>().as("count")).executeTakeFirstOrThrow()).count
    },
    async insertCoupon(coupon) {
      await db.insertInto("coupon").values(coupon).execute()
    },
    lockCoupon: (couponId) => db.selectFrom("coupon").selectAll().where("couponId", "=", couponId).forUpdate().executeTakeFirst(),
    async setOrder(couponId, orderId) {
      await db.updateTable("coupon").set({ orderId }).where("couponId", "=", couponId).execute()
    },
    lockRedemption: (orderId) => lockRedemption(db, orderId),
    async putRedemption({ orderId, ...redemption }) {
      await db.updateTable("redemption").set(redemption).where("orderId", "=", orderId).execute()
    },
  }
}

// The update changes nothing; it locks the row, as a plain `do nothing` would not, and gives it back.
function lockRedemption(db: Kysely<CouponTables>, orderId: string): Promise<Redemption> {
  return db
    .insertInto("redemption")
    .values({ orderId, state: "NEW", couponId: null, discountCents: 0 })
    .onConflict((conflict) => conflict.column("orderId").doUpdateSet({ orderId: sql<string>`excluded."orderId"` }))
    .returningAll()
    .executeTakeFirstOrThrow()
}

function optional(row: Selectable<CouponTables["rule"]> | undefined): CouponRule | undefined {
  return row && ruleOf(row)
}

function ruleOf(row: Selectable<CouponTables["rule"]>): CouponRule {
  return { ...row, validUntil: row.validUntil.toISOString() }
}

type CouponRow = Selectable<CouponTables["rule"]> & StoredCoupon

function couponOf(row: CouponRow): Coupon {
  return { ...row, validUntil: row.validUntil.toISOString(), redeemed: row.orderId !== null }
}
