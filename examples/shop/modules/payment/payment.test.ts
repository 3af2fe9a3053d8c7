import { refusalOf } from "@hanok/contract"
import type { Adapter } from "@hanok/contract"
import { createSlice } from "@hanok/testkit"
import type { Slice } from "@hanok/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"
import { orderContract } from "../order/contract.ts"
import { paymentContract } from "./contract.ts"
import { paymentModule } from "./module.ts"
import { ledgerInMemory } from "./provider/ledger.memory.ts"
import type { Ledger, LedgerEntry } from "./provider/ledger.ts"
import type { PaymentProvider } from "./provider/provider.ts"
import { simulatedProvider } from "./provider/simulated.ts"
import { paymentStoreInMemory } from "./store.memory.ts"

const customer = { identity: { subject: "c", roles: ["customer"] } }
let slice: Slice
let ledger: Ledger

/** The provider's ledger, at which the test looks as well. */
const seenLedger: Adapter<Ledger> = {
  ...ledgerInMemory,
  async create(host) {
    const filled = await ledgerInMemory.create(host)
    ledger = filled.port
    return filled
  },
}

/** What happens while an answer of the provider is on its way, once. */
let meanwhile: Partial<Record<"authorise" | "findOut" | "capture", () => Promise<unknown>>>
const simulated = simulatedProvider(seenLedger)

/** The provider, on a slow line. */
const farProvider: Adapter<PaymentProvider> = {
  ...simulated,
  async create(host) {
    const filled = await simulated.create(host)
    const { authorise, findOut, capture } = filled.port
    const slowly = async <T>(name: keyof typeof meanwhile, answer: T): Promise<T> => {
      const happens = meanwhile[name]
      delete meanwhile[name]
      await happens?.()
      return answer
    }
    const slow = {
      authorise: async (...asked: Parameters<typeof authorise>) => slowly("authorise", await authorise(...asked)),
      findOut: async (...asked: Parameters<typeof findOut>) => slowly("findOut", await findOut(...asked)),
      capture: async (...asked: Parameters<typeof capture>) => slowly("capture", await capture(...asked)),
    }
    return { ...filled, port: { ...filled.port, ...slow } }
  },
}

beforeEach(async () => {
  meanwhile = {}
  slice = await createSlice(paymentModule, { needs: { store: paymentStoreInMemory, provider: farProvider } })
})
afterEach(() => slice.close())

const authorise = (token: string, orderId = "o", amountCents = 5000) =>
  slice.client(paymentContract).authorise({ orderId, customerId: "c", amountCents, method: "card", token })
const payment = () => slice.client(paymentContract).paymentOfOrder({ orderId: "o" }, customer)
const paid = () =>
  slice.tell(orderContract, "orderPaid", {
    orderId: "o",
    customerId: "c",
    lines: [],
    totalCents: 5000,
    address: null,
    giftTo: null,
    paidAt: "2026-05-01T00:00:00.000Z",
  })
const cancelled = () =>
  slice.tell(orderContract, "orderCancelled", { orderId: "o", customerId: "c", reason: "CUSTOMER", stateBefore: "INIT", totalCents: 5000 })
// The simulated provider does not look at the context.
const atProvider = (reference = "o.1"): Promise<LedgerEntry | undefined> => ledger.read(undefined as never).entry(reference)

async function refusedOf(call: Promise<unknown>) {
  return refusalOf(paymentContract, "authorise", await call.catch((caught: unknown) => caught))
}

test("money is held when authorised, taken when the order is paid, returned when it is cancelled", async () => {
  expect((await authorise("tok_ok")).state).toBe("AUTHORISED")
  expect(await atProvider()).toMatchObject({ state: "HELD", amountCents: 5000 })
  await paid()
  expect([(await payment()).state, (await atProvider())?.state]).toEqual(["CAPTURED", "TAKEN"])
  await cancelled()
  expect([(await payment()).state, (await atProvider())?.state]).toEqual(["REFUNDED", "RETURNED"])
})

test("a declined payment says why, and may be tried again with another token", async () => {
  expect(await refusedOf(authorise("tok_decline"))).toMatchObject({ code: "PAYMENT_DECLINED", details: { reason: "INSUFFICIENT_FUNDS" } })
  expect((await payment()).state).toBe("DECLINED")
  expect((await authorise("tok_ok")).state).toBe("AUTHORISED")
})

test("an order is charged once, however many try at once", async () => {
  await Promise.all([1, 2, 3, 4].map(() => authorise("tok_slow")))
  expect(await atProvider("o.1")).toMatchObject({ state: "HELD" })
  expect(await atProvider("o.2")).toBeUndefined()
})

test("when the provider's answer is lost, what it did is found out", async () => {
  expect((await authorise("tok_timeout")).state).toBe("AUTHORISED")
  expect((await atProvider())?.state).toBe("HELD")
})

test("when the charge is lost, it is stopped and counts as declined", async () => {
  expect(await refusedOf(authorise("tok_lost"))).toMatchObject({ code: "PAYMENT_DECLINED", details: { reason: "PROVIDER_UNREACHABLE" } })
  expect((await atProvider())?.state).toBe("RETURNED")
})

test("an order that was cancelled before it was paid takes no money", async () => {
  await cancelled()
  expect((await refusedOf(authorise("tok_ok")))?.code).toBe("ORDER_CANCELLED")
  expect(await atProvider()).toBeUndefined()
})

test("an order that is cancelled while it is paid holds no money in the end", async () => {
  const paying = refusedOf(authorise("tok_slow"))
  await slice.until(() => atProvider())
  await cancelled()
  expect((await paying)?.code).toBe("ORDER_CANCELLED")
  expect((await atProvider())?.state).toBe("RETURNED")
})

test("each method has its limit", async () => {
  const call = { orderId: "o", customerId: "c", amountCents: 20_000_000, token: "tok_ok" }
  const refused = await refusedOf(slice.client(paymentContract).authorise({ ...call, method: "points" }))
  expect(refused).toMatchObject({ details: { reason: "LIMIT_EXCEEDED" } })
  expect((await slice.client(paymentContract).authorise({ ...call, method: "bankTransfer" })).state).toBe("AUTHORISED")
})

/** A try whose caller has left when the provider had got as far as it gets with that token. */
async function cutShort(token: "tok_lost" | "tok_timeout"): Promise<void> {
  const caller = new AbortController()
  const input = { orderId: "o", customerId: "c", amountCents: 5000, method: "points", token } as const
  const call = refusedOf(slice.client(paymentContract).authorise(input, { signal: caller.signal }))
  await slice.until(async () => (await payment()).state === "PENDING" && (token === "tok_lost" || (await atProvider())?.state === "HELD"))
  caller.abort()
  await call
}

test("after a try of which nobody knows the end, another method is another try", async () => {
  await cutShort("tok_lost")
  expect(await payment()).toMatchObject({ state: "PENDING", method: "points" })
  expect(await authorise("tok_ok")).toMatchObject({ state: "AUTHORISED", method: "card" })
  expect([(await atProvider("o.1"))?.state, await atProvider("o.2")]).toMatchObject(["RETURNED", { state: "HELD", method: "card" }])
})

test("a try that has held the money holds it, also when its answer was lost and another method is tried", async () => {
  await cutShort("tok_timeout")
  expect(await authorise("tok_ok")).toMatchObject({ state: "AUTHORISED", method: "points" })
  expect([(await atProvider("o.1"))?.state, await atProvider("o.2")]).toEqual(["HELD", undefined])
})

test("an order that is cancelled while it is found out what became of a try holds no money in the end", async () => {
  await cutShort("tok_timeout")
  meanwhile.findOut = cancelled
  expect((await refusedOf(authorise("tok_ok")))?.code).toBe("ORDER_CANCELLED")
  expect([(await payment()).state, (await atProvider())?.state]).toEqual(["CANCELLED", "RETURNED"])
})

test("somebody else's payment is not found, unless an admin looks", async () => {
  await authorise("tok_ok")
  const as = (subject: string, role: string) =>
    slice.client(paymentContract).paymentOfOrder({ orderId: "o" }, { identity: { subject, roles: [role] } })
  const error = await as("other", "customer").catch((caught: unknown) => caught)
  expect(refusalOf(paymentContract, "paymentOfOrder", error)?.code).toBe("PAYMENT_NOT_FOUND")
  expect((await as("root", "admin")).state).toBe("AUTHORISED")
})

test("money is not given back that another try has held while it was found out what became of the first", async () => {
  const another: Promise<unknown>[] = []
  meanwhile.findOut = async () => {
    another.push(authorise("tok_ok").catch((caught: unknown) => caught))
    await Promise.all(another)
  }
  await authorise("tok_lost").catch((caught: unknown) => caught)
  expect(another.length).toBe(1)
  expect([(await payment()).state, (await atProvider())?.state]).toEqual(["DECLINED", "RETURNED"])
})

test("a declined try says so, also when the next one is already under way", async () => {
  const next: Promise<unknown>[] = []
  meanwhile.authorise = async () => {
    await refusedOf(authorise("tok_decline"))
    next.push(authorise("tok_slow"))
    await slice.until(async () => (await payment()).state === "PENDING")
  }
  expect(await refusedOf(authorise("tok_decline"))).toMatchObject({ code: "PAYMENT_DECLINED", details: { reason: "INSUFFICIENT_FUNDS" } })
  await Promise.all(next)
  expect((await payment()).state).toBe("AUTHORISED")
})

test("an order whose payment is told after its cancellation, or while it is cancelled, has its money back in the end", async () => {
  await authorise("tok_ok")
  meanwhile.capture = cancelled
  await paid()
  expect([(await payment()).state, (await atProvider())?.state]).toEqual(["CANCELLED", "RETURNED"])
  await paid()
  expect([(await payment()).state, (await atProvider())?.state]).toEqual(["CANCELLED", "RETURNED"])
})

test("a refund is one, also when it is told twice", async () => {
  await authorise("tok_ok")
  await paid()
  await cancelled()
  await cancelled()
  expect([(await payment()).state, (await atProvider())?.state]).toEqual(["REFUNDED", "RETURNED"])
})

test("there is no payment of an order that was cancelled before anybody paid", async () => {
  await cancelled()
  const error = await payment().catch((caught: unknown) => caught)
  expect(refusalOf(paymentContract, "paymentOfOrder", error)?.code).toBe("PAYMENT_NOT_FOUND")
})
