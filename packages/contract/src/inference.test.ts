import { expect, expectTypeOf, test } from "vitest"
import { z } from "zod"
import { defineAdapter } from "./adapter.ts"
import type { Store, Transaction } from "./adapter.ts"
import type { Client } from "./client.ts"
import type { HttpClient } from "./client-http.ts"
import type { Context, HandlerContext } from "./context.ts"
import { defineContract } from "./contract.ts"
import type { RefusalsOf } from "./contract.ts"
import { defineModule } from "./module.ts"
import type { Handler, Ports, Reaction } from "./module.ts"
import { command, event, query, refusal } from "./operation.ts"
import { refusalOf } from "./refusal.ts"

// These are checked by the compiler: `tsc` fails where an expected error is missing. At run time they only have to load.

const stockContract = defineContract("stock", {
  stockOf: query({ input: z.object({ sku: z.string() }), output: z.object({ left: z.int() }), http: "GET /stock/{sku}" }),
  take: command({
    input: z.object({ sku: z.string(), quantity: z.int().default(1) }),
    output: z.object({ left: z.int() }),
    refusals: { SOLD_OUT: z.object({ left: z.int() }), CLOSED: refusal(z.object({ until: z.string() }), { status: 423 }) },
  }),
  taken: event(z.object({ sku: z.string(), quantity: z.int().default(1) }), { orderedBy: "sku" }),
})
const orderContract = defineContract("order", {
  buy: command({ input: z.object({ sku: z.string() }), output: z.object({ id: z.string() }) }),
})
type Stock = typeof stockContract
const clock = defineAdapter("clock", () => ({ now: (): number => 0 }))
const stockHandlers = { stockOf: () => async () => ({ left: 1 }), take: () => async () => ({ left: 1 }) }

test("a caller gives what goes in and gets what comes out", () => {
  type StockClient = Client<Stock>
  expectTypeOf<keyof StockClient>().toEqualTypeOf<"stockOf" | "take">()
  expectTypeOf<Parameters<StockClient["take"]>[0]>().toEqualTypeOf<{ sku: string; quantity?: number | undefined }>()
  expectTypeOf<Awaited<ReturnType<StockClient["take"]>>>().toEqualTypeOf<{ left: number }>()
  expectTypeOf<keyof HttpClient<Stock>>().toEqualTypeOf<"stockOf">()
})

test("a handler gets defaults applied, and may refuse with what its operation declares", () => {
  type Take = Handler<Stock, "take">
  expectTypeOf<Parameters<Take>[0]>().toEqualTypeOf<{ sku: string; quantity: number }>()
  const refuse = (context: HandlerContext<RefusalsOf<Stock["declarations"]["take"]>>) => {
    context.refusal("SOLD_OUT", { left: 1 })
    context.refusal("CLOSED", { until: "tomorrow" })
    // @ts-expect-error a code that is not declared
    context.refusal("LOST", {})
    // @ts-expect-error details of another code
    context.refusal("SOLD_OUT", { until: "tomorrow" })
    // @ts-expect-error details of another type
    context.refusal("SOLD_OUT", { left: "one" })
  }
  const refuseBuying = (context: HandlerContext<RefusalsOf<(typeof orderContract)["declarations"]["buy"]>>) => {
    // @ts-expect-error this operation declares none
    context.refusal("SOLD_OUT", { left: 1 })
  }
  expect([refuse, refuseBuying]).toHaveLength(2)
})

test("a refusal that is caught is typed by its code", () => {
  const refused = refusalOf(stockContract, "take", new Error("something else"))
  expect(refused).toBeUndefined()
  if (refused?.code === "SOLD_OUT") expectTypeOf(refused.details).toEqualTypeOf<{ left: number }>()
  if (refused?.code === "CLOSED") expectTypeOf(refused.details).toEqualTypeOf<{ until: string }>()
  // @ts-expect-error a code that is not declared
  expect(refused?.code === "LOST").toBe(false)
  // @ts-expect-error an event is not an operation
  refusalOf(stockContract, "taken", undefined)
})

test("a module without one of its handlers, with one too many, or with one that returns something else does not compile", () => {
  // @ts-expect-error `take` is missing
  defineModule({ contract: stockContract, owner: "t", handlers: { stockOf: stockHandlers.stockOf } })
  // @ts-expect-error `left` is missing in what it returns
  defineModule({ contract: stockContract, owner: "t", handlers: { ...stockHandlers, stockOf: () => async () => ({}) } })
  // @ts-expect-error `left` is a number
  defineModule({ contract: stockContract, owner: "t", handlers: { ...stockHandlers, stockOf: () => async () => ({ left: "one" }) } })
  const module = defineModule({ contract: stockContract, owner: "t", handlers: stockHandlers })
  expect(module.owner).toBe("t")
})

test("handlers get exactly the ports that the module declares", () => {
  type OrderPorts = Ports<typeof orderContract, { stock: Stock }, { clock: typeof clock }>
  expectTypeOf<keyof OrderPorts>().toEqualTypeOf<"stock" | "clock" | "events">()
  expectTypeOf<OrderPorts["clock"]["now"]>().returns.toEqualTypeOf<number>()
  const buy =
    ({ stock }: Pick<OrderPorts, "stock">): Handler<typeof orderContract, "buy"> =>
    async ({ sku }, context) => {
      await stock.take({ sku }, context)
      // @ts-expect-error the context has to be passed on
      await stock.take({ sku })
      return { id: sku }
    }
  defineModule({ contract: orderContract, owner: "t", uses: { stock: stockContract }, handlers: { buy } })
  // @ts-expect-error `stock` is used without being declared in `uses`
  defineModule({ contract: orderContract, owner: "t", handlers: { buy } })
  const buyLater = (ports: OrderPorts) => buy(ports)
  // @ts-expect-error `clock` is used without being declared in `needs`
  defineModule({ contract: orderContract, owner: "t", uses: { stock: stockContract }, handlers: { buy: buyLater } })
})

test("an event is emitted and heard as its contract says", () => {
  const emit = (events: Ports<Stock>["events"], tx: Transaction, context: Context) => {
    void events.taken(tx, { sku: "a" }, context)
    // @ts-expect-error `sku` is missing
    void events.taken(tx, { quantity: 1 }, context)
    // @ts-expect-error there is no such event
    void events.lost(tx, {}, context)
    // @ts-expect-error an operation is not an event
    void events.take(tx, { sku: "a" }, context)
  }
  expect(emit).toBeTypeOf("function")
  expectTypeOf<Parameters<Reaction<Stock, "taken">>[0]>().toEqualTypeOf<{ sku: string; quantity: number }>()
  // @ts-expect-error `orderedBy` names a field of the payload
  event(z.object({ sku: z.string() }), { orderedBy: "quantity" })
})

test("a transaction gives what JSON can carry, with fields that may be missing, or nothing", () => {
  const Guest = z.object({ id: z.string(), nickname: z.string().optional() })
  const found = (store: Store<{}, { guestOf(id: string): Promise<z.infer<typeof Guest> | undefined> }>, context: Context) => {
    expectTypeOf(store.transaction(context, (tx) => tx.guestOf("1"))).resolves.toEqualTypeOf<z.infer<typeof Guest> | undefined>()
    // @ts-expect-error a Date is not JSON
    void store.transaction(context, async () => ({ at: new Date() }))
    // @ts-expect-error in a list nothing is left out
    void store.transaction(context, async () => [undefined])
  }
  expect(found).toBeTypeOf("function")
})

test("reactions are to events of contracts that are listened to", () => {
  const handlers = { buy: () => async () => ({ id: "" }) }
  const onTaken = (): Reaction<Stock, "taken"> => async () => undefined
  const listens = { stock: stockContract }
  defineModule({ contract: orderContract, owner: "t", listens, handlers, reactions: { stock: { taken: onTaken } } })
  // @ts-expect-error there is no such event
  defineModule({ contract: orderContract, owner: "t", listens, handlers, reactions: { stock: { lost: onTaken } } })
  // @ts-expect-error the contract is not listened to
  defineModule({ contract: orderContract, owner: "t", handlers, reactions: { stock: { taken: onTaken } } })
  const wrong = () => async (payload: { readonly sku: number }) => void payload.sku
  // @ts-expect-error the payload has another type
  defineModule({ contract: orderContract, owner: "t", listens, handlers, reactions: { stock: { taken: wrong } } })
})

test("what is branded is JSON where that is what it was made of", () => {
  const Sku = z.string().brand<"Sku">()
  const Cents = z.int().brand<"Cents">()
  const Priced = z.object({ sku: Sku, priceCents: Cents.nullable() }).brand<"Priced">()
  const priceOf = query({
    input: z.object({ sku: Sku, others: z.record(Sku, Cents).optional() }),
    output: z.array(Priced),
    refusals: { SKU_UNKNOWN: refusal(z.object({ sku: Sku }), { status: 404 }) },
  })
  const contract = defineContract("price", { priceOf, priced: event(Priced, { orderedBy: "sku" }) })
  expectTypeOf<Awaited<ReturnType<Client<typeof contract>["priceOf"]>>>().toEqualTypeOf<z.infer<typeof Priced>[]>()
  // @ts-expect-error a bigint is none, branded or not
  event(z.object({ sku: Sku, count: z.bigint().brand<"Count">() }))
})

test("what may be any JSON is carried, and so is what contains its own kind", () => {
  const Tree = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree)
    },
  })
  const found = query({ input: z.json(), output: z.json(), refusals: { NOT_NOW: z.object({ why: z.json() }) } })
  const contract = defineContract("document", { found, kept: event(z.object({ meta: z.json(), tree: Tree })) })
  expectTypeOf<Awaited<ReturnType<Client<typeof contract>["found"]>>>().toEqualTypeOf<z.infer<ReturnType<typeof z.json>>>()
})

test("what JSON cannot carry does not compile", () => {
  // @ts-expect-error a Date is not JSON
  query({ input: z.object({ at: z.date() }), output: z.object({}) })
  // @ts-expect-error neither is a bigint, however deep
  query({ input: z.object({}), output: z.object({ rows: z.array(z.object({ count: z.bigint() })) }) })
  // @ts-expect-error nor a Map
  event(z.object({ byName: z.map(z.string(), z.string()) }))
  // @ts-expect-error nor does a refusal say when in a Date
  query({ input: z.object({}), output: z.object({}), refusals: { CLOSED: z.object({ until: z.date() }) } })
  // @ts-expect-error whatever its status
  command({ input: z.object({}), output: z.object({}), refusals: { CLOSED: refusal(z.object({ until: z.date() }), { status: 423 }) } })
  // @ts-expect-error a route begins with a method and a slash
  expect(query({ input: z.object({}), output: z.object({}), http: "FETCH /things" }).kind).toBe("query")
})
