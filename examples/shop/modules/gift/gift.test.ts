import { defineAdapter, refusalOf } from "@hanok/contract"
import { createSlice } from "@hanok/testkit"
import type { Slice } from "@hanok/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Clock } from "../../kernel/clock.ts"
import { orderContract } from "../order/contract.ts"
import { giftContract } from "./contract.ts"
import { giftModule } from "./module.ts"
import { giftStoreInMemory } from "./store.memory.ts"

const sender = { identity: { subject: "c", roles: ["customer"] } }
const address = { recipient: "Joon", phone: "010-9876-5432", postalCode: "04524", street: "Sejong-daero 110", detail: "5F" }
const line = { itemId: "cup", sku: "cup", partnerId: "p", sellerId: "s", name: "Celadon cup", label: "", quantity: 1, unitPriceCents: 1000 }
const paidAt = "2026-05-01T12:00:00.000Z"
const daySeconds = 86_400

let now: number
let slice: Slice

const clock = defineAdapter<Clock>("clock at hand", () => ({ now: () => new Date(now) }))

beforeEach(async () => {
  now = Date.parse(paidAt)
  slice = await createSlice(giftModule, { needs: { store: giftStoreInMemory, clock } })
})
afterEach(() => slice.close())

const gifts = () => slice.client(giftContract)
const giftTo = { recipientName: "Joon", recipientPhone: "010-9876-5432", message: "Happy birthday", claimWithinSeconds: daySeconds }
const paid = { orderId: "o", customerId: "c", lines: [line], totalCents: 1000, address: null, giftTo, paidAt }
const cancelled = { orderId: "o", customerId: "c", reason: "CUSTOMER", stateBefore: "PAID", couponId: null, totalCents: 1000 } as const

async function offered(): Promise<string> {
  await slice.tell(orderContract, "orderPaid", paid)
  const [gift] = await gifts().giftsOfOrder({ orderId: "o" }, sender)
  return gift?.link ?? ""
}

async function refusedOf(call: Promise<unknown>) {
  return refusalOf(giftContract, "claimGift", await call.catch((caught: unknown) => caught))
}

/** The claims of the first gift that were told. Another gift, claimed after the first of them was told, shows that no more come. */
async function claimsTold() {
  const told = () => slice.eventsOf(giftContract, "giftClaimed")
  await slice.until(() => told().length > 0)
  await slice.tell(orderContract, "orderPaid", { ...paid, orderId: "another" })
  const [another] = await gifts().giftsOfOrder({ orderId: "another" }, sender)
  await gifts().claimGift({ link: another?.link ?? "", address })
  await slice.until(() => told().some(({ orderId }) => orderId === "another"))
  return told().filter(({ orderId }) => orderId === "o")
}

test("a paid order that is a gift is offered once, under a link that nobody can guess", async () => {
  await slice.tell(orderContract, "orderPaid", paid, { id: "e1" })
  await slice.tell(orderContract, "orderPaid", paid, { id: "e1" })
  const found = await gifts().giftsOfOrder({ orderId: "o" }, sender)
  expect(found).toMatchObject([{ state: "OFFERED", expiresAt: "2026-05-02T12:00:00.000Z" }])
  expect(found[0]?.link).toMatch(/^[A-Za-z0-9_-]{24}$/)
})

test("an order that is no gift offers none", async () => {
  await slice.tell(orderContract, "orderPaid", { ...paid, address, giftTo: null })
  expect(await gifts().giftsOfOrder({ orderId: "o" }, sender)).toEqual([])
})

test("only its sender sees the gifts of an order", async () => {
  await offered()
  expect(await gifts().giftsOfOrder({ orderId: "o" }, { identity: { subject: "other", roles: [] } })).toEqual([])
})

test("whoever has the link sees what it is, and neither the order nor who sent it", async () => {
  const gift = await gifts().giftByLink({ link: await offered() })
  expect(gift).toMatchObject({ recipientName: "Joon", message: "Happy birthday", itemNames: ["Celadon cup"] })
  expect(Object.keys(gift)).not.toContain("orderId")
})

test("a second claim returns the first, and tells nothing", async () => {
  const link = await offered()
  const first = await gifts().claimGift({ link, address })
  now += 1000
  expect(await gifts().claimGift({ link, address: { ...address, street: "elsewhere" } })).toEqual(first)
  expect(await claimsTold()).toMatchObject([{ orderId: "o", address, claimedAt: paidAt }])
})

test("of ten claims at once one counts", async () => {
  const link = await offered()
  const claims = Array.from({ length: 10 }, (_, floor) => gifts().claimGift({ link, address: { ...address, detail: `${floor}F` } }))
  await Promise.all(claims)
  expect((await claimsTold()).length).toBe(1)
})

test("a gift is over at its time, even before the job has seen it", async () => {
  const link = await offered()
  now += daySeconds * 1000
  expect(await refusedOf(gifts().claimGift({ link, address }))).toMatchObject({
    code: "GIFT_EXPIRED",
    details: { expiredAt: "2026-05-02T12:00:00.000Z" },
  })
})

test("a gift that nobody claimed expires once; one that was claimed does not", async () => {
  await offered()
  await slice.tell(orderContract, "orderPaid", { ...paid, orderId: "o2" })
  const [claimed] = await gifts().giftsOfOrder({ orderId: "o2" }, sender)
  await gifts().claimGift({ link: claimed?.link ?? "", address })
  now += daySeconds * 1000
  await slice.until(() => slice.eventsOf(giftContract, "giftExpired").length > 0)
  expect(slice.eventsOf(giftContract, "giftExpired")).toMatchObject([{ orderId: "o" }])
  expect((await gifts().giftsOfOrder({ orderId: "o2" }, sender))[0]?.state).toBe("CLAIMED")
})

test("the gift of a cancelled order cannot be claimed", async () => {
  const link = await offered()
  await slice.tell(orderContract, "orderCancelled", cancelled)
  expect((await refusedOf(gifts().claimGift({ link, address })))?.code).toBe("GIFT_CANCELLED")
})

test("an order that was cancelled offers no gift, also when its payment is told late", async () => {
  await slice.tell(orderContract, "orderCancelled", cancelled)
  await slice.tell(orderContract, "orderPaid", paid)
  expect(await gifts().giftsOfOrder({ orderId: "o" }, sender)).toEqual([])
  await slice.tell(orderContract, "orderPaid", { ...paid, orderId: "o2" })
  await slice.until(() => slice.eventsOf(giftContract, "giftOffered").length > 0)
  expect(slice.eventsOf(giftContract, "giftOffered")).toMatchObject([{ orderId: "o2" }])
})

test("a link that leads nowhere is not found", async () => {
  expect((await refusedOf(gifts().claimGift({ link: "a".repeat(24), address })))?.code).toBe("GIFT_NOT_FOUND")
})

test("a gift that has expired is not claimed where it is still earlier, and stays expired when its order is cancelled", async () => {
  const link = await offered()
  now += daySeconds * 1000
  await slice.until(() => slice.eventsOf(giftContract, "giftExpired").length > 0)
  now -= 1000
  expect((await refusedOf(gifts().claimGift({ link, address })))?.code).toBe("GIFT_EXPIRED")
  await slice.tell(orderContract, "orderCancelled", { ...cancelled, reason: "GIFT_EXPIRED" })
  expect((await gifts().giftByLink({ link })).state).toBe("EXPIRED")
})
