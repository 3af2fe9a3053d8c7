import { refusalOf } from "@hanok/contract"
import { createSlice, fake } from "@hanok/testkit"
import type { Fake, Slice } from "@hanok/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"
import { giftContract } from "../gift/contract.ts"
import { orderContract } from "../order/contract.ts"
import { deliveryContract } from "./contract.ts"
import { deliveryModule } from "./module.ts"
import { deliveryStoreInMemory } from "./store.memory.ts"

const buyer = { identity: { subject: "c", roles: ["customer"] } }
const seller = { identity: { subject: "s", roles: ["partner"] } }
const stranger = { identity: { subject: "other", roles: ["partner"] } }
const address = { recipient: "Mina", phone: "010-1234-5678", postalCode: "04524", street: "Sejong-daero 110", detail: "5F" }
const line = { itemId: "cup", sku: "cup", partnerId: "p", sellerId: "s", name: "Celadon cup", label: "", quantity: 1, unitPriceCents: 1000 }
const paid = {
  orderId: "o",
  customerId: "c",
  lines: [line, line],
  totalCents: 2000,
  address,
  giftTo: null,
  paidAt: "2026-05-01T12:00:00.000Z",
}
const cancelled = { orderId: "o", customerId: "c", reason: "CUSTOMER", stateBefore: "PAID", couponId: null, totalCents: 1000 } as const
const claimed = { giftId: "g", orderId: "o", senderId: "c", recipientName: "Joon", address, claimedAt: "2026-05-01T13:00:00.000Z" }

let orders: Fake<typeof orderContract>
let slice: Slice

beforeEach(async () => {
  orders = fake(orderContract, {
    startPreparing: () => ({}),
    orderToShip: ({ orderId }) => ({ orderId, customerId: "c", sellerIds: ["s"], state: "PAID" }),
  })
  slice = await createSlice(deliveryModule, { needs: { store: deliveryStoreInMemory }, fakes: [orders] })
})
afterEach(() => slice.close())

const deliveries = () => slice.client(deliveryContract)
const shipment = () => deliveries().shipmentOfOrder({ orderId: "o" }, buyer)
const codeOf = async (call: Promise<unknown>) => {
  const error = await call.catch((caught: unknown) => caught)
  return (
    refusalOf(deliveryContract, "ship", error) ??
    refusalOf(deliveryContract, "prepareShipment", error) ??
    refusalOf(deliveryContract, "shipmentOfOrder", error)
  )?.code
}

async function waiting(): Promise<string> {
  await slice.tell(orderContract, "orderPaid", paid)
  return (await shipment()).shipmentId
}

test("a paid order waits to be packed, once", async () => {
  await slice.tell(orderContract, "orderPaid", paid, { id: "e1" })
  await slice.tell(orderContract, "orderPaid", paid, { id: "e1" })
  expect((await deliveries().shipmentsOfSeller({}, seller)).shipments).toMatchObject([{ orderId: "o", state: "WAITING", address }])
})

test("a shipment goes through its states, and order and others are told", async () => {
  const shipmentId = await waiting()
  expect((await deliveries().prepareShipment({ shipmentId }, seller)).state).toBe("PREPARING")
  expect((await deliveries().ship({ shipmentId, trackingNumber: "KR-12345" }, seller)).state).toBe("SHIPPED")
  expect((await deliveries().completeDelivery({ shipmentId }, seller)).state).toBe("DELIVERED")
  expect(orders.calls.map(({ operation }) => operation)).toEqual(["startPreparing"])
  await slice.until(() => slice.eventsOf(deliveryContract, "shipmentDelivered").length > 0)
  expect(slice.eventsOf(deliveryContract, "shipmentShipped")).toEqual([
    { shipmentId, orderId: "o", customerId: "c", trackingNumber: "KR-12345" },
  ])
})

test("each step can be repeated, and none be skipped", async () => {
  const shipmentId = await waiting()
  expect(await codeOf(deliveries().ship({ shipmentId, trackingNumber: "KR-12345" }, seller))).toBe("SHIPMENT_NOT_READY")
  for (const _ of [1, 2]) await deliveries().prepareShipment({ shipmentId }, seller)
  for (const trackingNumber of ["KR-12345", "KR-67890"]) await deliveries().ship({ shipmentId, trackingNumber }, seller)
  expect((await shipment()).trackingNumber).toBe("KR-12345")
})

test("what order says is cancelled is not packed", async () => {
  const shipmentId = await waiting()
  orders.answer({
    startPreparing(_, context) {
      throw context.refusal("ORDER_NOT_PREPARABLE", { state: "CANCELLED" })
    },
  })
  expect(await codeOf(deliveries().prepareShipment({ shipmentId }, seller))).toBe("SHIPMENT_NOT_READY")
  expect((await shipment()).state).toBe("WAITING")
})

test("who begins to pack what somebody else has sent meanwhile is told that it was sent", async () => {
  const shipmentId = await waiting()
  orders.answer({
    async startPreparing(_, context) {
      orders.answer({ startPreparing: () => ({}) })
      await deliveries().prepareShipment({ shipmentId }, seller)
      await deliveries().ship({ shipmentId, trackingNumber: "KR-12345" }, seller)
      throw context.refusal("ORDER_NOT_PREPARABLE", { state: "SHIPPED" })
    },
  })
  expect(await deliveries().prepareShipment({ shipmentId }, seller)).toMatchObject({ state: "SHIPPED", trackingNumber: "KR-12345" })
})

test("a shipment that is cancelled while somebody begins to pack it is not packed", async () => {
  const shipmentId = await waiting()
  orders.answer({
    async startPreparing(_, context) {
      await slice.tell(orderContract, "orderCancelled", cancelled)
      throw context.refusal("ORDER_NOT_PREPARABLE", { state: "CANCELLED" })
    },
  })
  expect(await codeOf(deliveries().prepareShipment({ shipmentId }, seller))).toBe("SHIPMENT_NOT_READY")
  expect((await shipment()).state).toBe("CANCELLED")
})

test("nothing is sent for a cancelled order, whichever news comes first", async () => {
  await waiting()
  await slice.tell(orderContract, "orderCancelled", cancelled)
  expect((await shipment()).state).toBe("CANCELLED")
  await slice.tell(orderContract, "orderCancelled", { ...cancelled, orderId: "o2" })
  await slice.tell(giftContract, "giftClaimed", { ...claimed, orderId: "o2" })
  expect(await codeOf(deliveries().shipmentOfOrder({ orderId: "o2" }, buyer))).toBe("SHIPMENT_NOT_FOUND")
})

test("a gift waits to be packed only when it was claimed, for the address that was named", async () => {
  await slice.tell(orderContract, "orderPaid", {
    ...paid,
    address: null,
    giftTo: { recipientName: "Joon", recipientPhone: "010-9876-5432" },
  })
  expect(await codeOf(shipment())).toBe("SHIPMENT_NOT_FOUND")
  await slice.tell(giftContract, "giftClaimed", claimed)
  expect(await shipment()).toMatchObject({ state: "WAITING", address })
})

test("only its customer, its sellers and admins see a shipment, and only sellers and admins move it", async () => {
  const shipmentId = await waiting()
  expect(await codeOf(deliveries().shipmentOfOrder({ orderId: "o" }, stranger))).toBe("SHIPMENT_NOT_FOUND")
  expect(await codeOf(deliveries().prepareShipment({ shipmentId }, stranger))).toBe("SHIPMENT_NOT_FOUND")
  expect((await deliveries().shipmentsOfSeller({}, stranger)).shipments).toEqual([])
  expect((await deliveries().prepareShipment({ shipmentId }, { identity: { subject: "root", roles: ["admin"] } })).state).toBe("PREPARING")
})
