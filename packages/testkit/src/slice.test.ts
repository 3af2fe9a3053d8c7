import { isFault, refusalOf } from "@hanok/contract"
import type { Module } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { fake } from "./fake.ts"
import { customerContract, customerModule, parcelContract, parcelModule, parcelStore } from "./fixture/parcel.ts"
import { createSlice } from "./slice.ts"
import type { Slice, SliceOptions } from "./slice.ts"

const identity = { subject: "c1", roles: ["customer"] }
const seoul = () => fake(customerContract, { addressOf: () => ({ street: "1 Fake Street", city: "Seoul" }) })

async function open(module: Module, options?: SliceOptions): Promise<Slice> {
  const slice = await createSlice(module, options)
  onTestFinished(() => slice.close())
  return slice
}

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

test("a module runs alone, with a fake for the neighbour it calls", async () => {
  const customers = seoul()
  const parcel = (await open(parcelModule, { fakes: [customers] })).client(parcelContract)
  const { parcelId, city } = await parcel.send({ weightG: 500 }, { identity })
  expect(city).toBe("Seoul")
  expect(await parcel.parcelsOf({ customerId: "c1" })).toEqual([{ parcelId, weightG: 500 }])
  expect(customers.calls).toEqual([{ operation: "addressOf", input: { customerId: "c1" }, identity, idempotencyKey: undefined }])
})

test("a neighbour can be the real one", async () => {
  const slice = await open(parcelModule, { neighbours: [customerModule] })
  expect(await slice.client(parcelContract).send({ weightG: 1 }, { identity })).toMatchObject({ city: "Seoul" })
  const refused = await errorOf(slice.client(customerContract).addressOf({ customerId: "nobody" }))
  expect(refusalOf(customerContract, "addressOf", refused)).toMatchObject({ code: "CUSTOMER_UNKNOWN", details: { customerId: "nobody" } })
})

test("a fake refuses as the contract says", async () => {
  const customers = fake(customerContract, {
    addressOf: ({ customerId }, context) => {
      throw context.refusal("CUSTOMER_UNKNOWN", { customerId })
    },
  })
  const slice = await open(parcelModule, { fakes: [customers] })
  const error = await errorOf(slice.client(customerContract).addressOf({ customerId: "c9" }))
  expect(refusalOf(customerContract, "addressOf", error)?.details).toEqual({ customerId: "c9" })
})

test("an operation that is not faked fails and says so", async () => {
  const slice = await open(parcelModule, { fakes: [fake(customerContract)] })
  const error = await errorOf(slice.client(parcelContract).send({ weightG: 1 }, { identity }))
  expect(isFault(error, "UNAVAILABLE") && error.message).toContain(
    "customer.addressOf is not faked (nothing is): give fake(customerContract",
  )
})

test("a neighbour that is not given at all fails and says so", async () => {
  const slice = await open(parcelModule)
  const error = await errorOf(slice.client(parcelContract).send({ weightG: 1 }, { identity }))
  expect(isFault(error) && error.message).toContain("customer.addressOf is not faked")
})

test("a fake that answers what the contract does not declare fails, and the cause names the field", async () => {
  const customers = fake(customerContract, { addressOf: () => ({ street: "1" }) as never })
  const slice = await open(parcelModule, { fakes: [customers] })
  const error = await errorOf(slice.client(parcelContract).send({ weightG: 1 }, { identity }))
  expect(isFault(error, "INTERNAL") && String(error.cause)).toContain(
    "customer.addressOf returned what its contract does not declare: /city",
  )
})

test("answers can change while the slice runs", async () => {
  const customers = seoul()
  const parcel = (await open(parcelModule, { fakes: [customers] })).client(parcelContract)
  customers.answer({ addressOf: async () => ({ street: "2", city: "Busan" }) })
  expect(await parcel.send({ weightG: 1 }, { identity })).toMatchObject({ city: "Busan" })
})

test("a repeated command with one idempotency key is applied once", async () => {
  const slice = await open(parcelModule, { fakes: [seoul()] })
  const parcel = slice.client(parcelContract)
  const call = { identity, idempotencyKey: "k" }
  const answers = await Promise.all([parcel.send({ weightG: 1 }, call), parcel.send({ weightG: 1 }, call)])
  expect(answers[0]).toEqual(answers[1])
  expect(await parcel.parcelsOf({ customerId: "c1" })).toHaveLength(1)
})

test("a scenario awaits the event that its stimulus causes, and no earlier one", async () => {
  const slice = await open(parcelModule, { fakes: [seoul()] })
  const parcel = slice.client(parcelContract)
  const first = await slice.scenario(() => parcel.send({ weightG: 1 }, { identity })).event(parcelContract, "sent")
  const second = await slice
    .scenario(() => parcel.send({ weightG: 2 }, { identity }))
    .event(parcelContract, "sent", (payload, { parcelId }) => payload.parcelId === parcelId)
  expect(second.parcelId).not.toBe(first.parcelId)
  expect(slice.eventsOf(parcelContract, "sent").map(({ customerId }) => customerId)).toEqual(["c1", "c1"])
  expect(slice.events).toHaveLength(2)
})

test("a scenario whose event does not come says what came", async () => {
  const slice = await open(parcelModule, { fakes: [seoul()] })
  const scenario = slice.scenario(() => slice.client(parcelContract).send({ weightG: 1 }, { identity }))
  const error = await errorOf(scenario.event(parcelContract, "sent", ({ customerId }) => customerId === "c2", { withinMs: 200 }))
  expect(String(error)).toContain("Waited 200 ms for the event parcel.sent; it did not come. What came: parcel.sent.")
})

test("the module reacts to an event that it is told, once for each id", async () => {
  const slice = await open(parcelModule)
  const parcel = slice.client(parcelContract)
  await slice.tell(customerContract, "registered", { customerId: "new" }, { id: "event-1" })
  await slice.tell(customerContract, "registered", { customerId: "new" }, { id: "event-1" })
  expect(await parcel.parcelsOf({ customerId: "new" })).toMatchObject([{ weightG: 250 }])
  const scenario = slice.scenario(() => slice.tell(customerContract, "registered", { customerId: "newer" }))
  expect(await scenario.until(async () => (await parcel.parcelsOf({ customerId: "newer" }))[0])).toMatchObject({ weightG: 250 })
})

test("telling an event that nobody here reacts to is an error", async () => {
  const slice = await open(customerModule)
  expect(String(await errorOf(slice.tell(parcelContract, "sent", { parcelId: "p", customerId: "c" })))).toContain(
    "No module of this slice reacts to parcel.sent",
  )
})

test("a need can be filled by something else", async () => {
  const closed: string[] = []
  const watched = {
    ...parcelStore,
    create: async (host: Parameters<typeof parcelStore.create>[0]) => ({
      ...(await parcelStore.create(host)),
      close: async () => void closed.push(host.module),
    }),
  }
  const slice = await createSlice(parcelModule, { needs: { store: watched } })
  await slice.close()
  await slice.close()
  expect(closed).toEqual(["parcel"])
})

test("a need that cannot be made fails the opening with its reason", async () => {
  const broken = { ...parcelStore, create: () => Promise.reject(new Error("no room for parcels")) }
  expect(String(await errorOf(createSlice(parcelModule, { needs: { store: broken } })))).toContain("no room for parcels")
})

test("a contract that is not here has no client, and the message names those that are", async () => {
  const slice = await open(customerModule)
  expect(() => slice.client(parcelContract)).toThrow("The contract parcel is not here; there are customer.")
})

test("two modules for one contract are an error", async () => {
  const error = await errorOf(createSlice(customerModule, { fakes: [fake(customerContract)] }))
  expect(String(error)).toContain("two modules for the contract customer")
})

test("an aborted call is cancelled", async () => {
  const begun = Promise.withResolvers<AbortSignal>()
  const customers = fake(customerContract, {
    addressOf: (_, context) => {
      begun.resolve(context.signal)
      return new Promise(() => undefined)
    },
  })
  const slice = await open(parcelModule, { fakes: [customers] })
  const abort = new AbortController()
  const call = errorOf(slice.client(parcelContract).send({ weightG: 1 }, { identity, signal: abort.signal }))
  const signal = await begun.promise
  abort.abort()
  expect(isFault(await call, "CANCELLED")).toBe(true)
  expect(signal.aborted).toBe(true)
})
