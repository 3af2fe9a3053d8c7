import { defineAdapter } from "@hanok/contract"
import { createSlice, fake } from "@hanok/testkit"
import type { Slice } from "@hanok/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"
import { customerContract } from "../customer/contract.ts"
import { deliveryContract } from "../delivery/contract.ts"
import { giftContract } from "../gift/contract.ts"
import { orderContract } from "../order/contract.ts"
import { notificationContract } from "./contract.ts"
import type { Mailer } from "./mailer.ts"
import { notificationModule } from "./module.ts"
import { notificationStoreInMemory } from "./store.memory.ts"

const customer = { identity: { subject: "c", roles: ["customer"] } }
const line = { itemId: "cup", sku: "cup", partnerId: "p", sellerId: "s", name: "Celadon cup", label: "", quantity: 2, unitPriceCents: 1000 }
const paid = {
  orderId: "o",
  customerId: "c",
  lines: [line],
  totalCents: 123_450,
  address: null,
  giftTo: null,
  paidAt: "2026-05-01T12:00:00.000Z",
}
const offer = { giftId: "g", orderId: "o", senderId: "c", recipientName: "Joon" }

let sent: string[]
let broken: boolean
let slice: Slice

const mailer = defineAdapter<Mailer>("mailer at hand", () => ({
  async send({ subject, recipient }) {
    if (broken) throw new Error("the mailer is away")
    if (recipient === "silent") await new Promise(() => undefined)
    if (recipient === "unreachable") throw new Error("there is no such recipient")
    sent.push(subject)
  },
}))

beforeEach(async () => {
  sent = []
  broken = false
  const customers = fake(customerContract, {
    customerById({ customerId }, context) {
      if (customerId !== "c") throw context.refusal("CUSTOMER_NOT_FOUND", {})
      return { customerId, email: "mina@example.org", name: "Mina", roles: ["customer" as const] }
    },
  })
  slice = await createSlice(notificationModule, { needs: { store: notificationStoreInMemory, mailer }, fakes: [customers] })
})
afterEach(() => slice.close())

const messages = async () => (await slice.client(notificationContract).messagesOfCustomer({}, customer)).messages
const cancelledFrom = (stateBefore: "PLACING" | "INIT" | "PAID") =>
  slice.tell(orderContract, "orderCancelled", {
    orderId: "o",
    customerId: "c",
    reason: "UNPAID",
    stateBefore,
    couponId: null,
    totalCents: 500,
  })

test("a payment is confirmed by mail, with what was bought and for how much", async () => {
  await slice.tell(orderContract, "orderPaid", paid)
  expect(await messages()).toMatchObject([{ channel: "mail", recipient: "mina@example.org" }])
  expect((await messages())[0]?.body).toContain("1,234.50 for:\n2 × Celadon cup")
})

test("nobody is told twice of the same", async () => {
  for (const id of ["e1", "e1", "e2"]) await slice.tell(orderContract, "orderPaid", paid, { id })
  expect((await messages()).length).toBe(1)
})

test("a cancellation says why and what is refunded; one of an order that was never placed says nothing", async () => {
  await cancelledFrom("PLACING")
  expect(await messages()).toEqual([])
  await cancelledFrom("PAID")
  expect((await messages())[0]?.body).toBe("Order o was cancelled: it was not paid in time. You get back 5.00.")
})

test("the recipient of a gift gets its link as a text", async () => {
  const link = "a".repeat(24)
  const expiresAt = "2026-05-08T12:00:00.000Z"
  await slice.tell(giftContract, "giftOffered", { ...offer, recipientPhone: "010-9876-5432", message: "For you", link, expiresAt })
  const [text] = await messages()
  expect(text).toMatchObject({ channel: "text", recipient: "010-9876-5432" })
  expect(text?.body).toContain(`/gifts/${link}`)
})

test("each further event has its message", async () => {
  await slice.tell(giftContract, "giftExpired", { ...offer, expiredAt: "2026-05-08T12:00:00.000Z" })
  await slice.tell(deliveryContract, "shipmentShipped", { shipmentId: "sh", orderId: "o", customerId: "c", trackingNumber: "KR-12345" })
  expect((await messages()).map(({ subject }) => subject).toSorted()).toEqual(["Your gift was not claimed", "Your order is on its way"])
})

test("whoever is no customer any more is not told", async () => {
  await slice.tell(orderContract, "orderPaid", { ...paid, customerId: "gone" })
  expect(await messages()).toEqual([])
})

test("what is queued is sent; what the mailer did not take is tried again", async () => {
  broken = true
  await slice.tell(orderContract, "orderPaid", paid)
  await slice.until(() => slice.logs.some(({ msg }) => String(msg).includes("could not be sent")))
  expect((await messages())[0]?.state).toBe("QUEUED")
  broken = false
  await slice.until(async () => (await messages())[0]?.state === "SENT")
  expect(sent).toEqual(["Thank you for your order"])
})

test("however many messages cannot be sent, the others are", async () => {
  const gift = { ...offer, message: "", link: "a".repeat(24), expiresAt: "2026-05-08T12:00:00.000Z" }
  broken = true
  for (let number = 0; number < 60; number++)
    await slice.tell(giftContract, "giftOffered", { ...gift, giftId: `g${number}`, recipientPhone: "unreachable" })
  await slice.tell(orderContract, "orderPaid", paid)
  broken = false
  await slice.until(() => sent.includes("Thank you for your order"))
})

test("a message whose sending never ends keeps no other from being sent, once", async () => {
  const gift = { ...offer, message: "", link: "a".repeat(24), expiresAt: "2026-05-08T12:00:00.000Z" }
  broken = true
  await slice.tell(giftContract, "giftOffered", { ...gift, recipientPhone: "silent" })
  await slice.tell(orderContract, "orderPaid", paid)
  broken = false
  const states = async () => (await messages()).map(({ recipient, state }) => `${recipient} ${state}`).toSorted()
  await slice.until(async () => (await states())[0] === "mina@example.org SENT", { withinMs: 20_000 })
  expect([await states(), sent]).toEqual([["mina@example.org SENT", "silent QUEUED"], ["Thank you for your order"]])
}, 30_000)
