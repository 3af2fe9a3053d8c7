import { createHash } from "node:crypto"
import { command, defineContract, defineModule, defineTopology, query, refusal } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { routesOf } from "../routes.ts"
import { docsPage, docsPolicy } from "./page.ts"

const Line = z.object({ sku: z.string(), quantity: z.int().min(1).max(99).describe("Pieces.") })
interface Folder {
  readonly name: string
  readonly folders: readonly Folder[]
}
const Folder: z.ZodType<Folder> = z.object({ name: z.string(), get folders() { return z.array(Folder) } }) // prettier-ignore

const contract = defineContract("order", {
  placeOrder: command({
    input: z.object({ customerId: z.string(), lines: z.array(Line), note: z.string().optional() }),
    output: z.object({ orderId: z.uuid() }),
    refusals: { SOLD_OUT: z.object({ left: z.int() }), GONE: refusal(z.object({}), { status: 410 }) },
    access: { anyOf: ["customer", "clerk"] },
    summary: "Takes <script>alert(1)</script> literally & safely.",
    http: "POST /customers/{customerId}/orders",
  }),
  tree: query({ input: z.object({ state: z.enum(["open", "paid"]).optional() }), output: Folder, access: "public", http: "GET /tree" }),
  prices: command({ input: z.record(z.string(), z.int()), output: z.object({}), http: "PUT /prices" }),
  inside: query({ input: z.object({}), output: z.object({}) }),
})
const handlers = {
  placeOrder: () => async () => ({ orderId: "" }),
  tree: () => async () => ({ name: "", folders: [] }),
  prices: () => async () => ({}),
  inside: () => async () => ({}),
}
const topology = defineTopology({ modules: [defineModule({ contract, owner: "team-order", handlers })] })
const page = docsPage({ title: "shop", version: "1" }, routesOf(topology, []))

test("every operation with a route is there, with who may call it, what goes in and what comes out", () => {
  for (const piece of ["/customers/{customerId}/orders", "customer or clerk", "SOLD_OUT", "410", "quantity", "Pieces.", "path", "body"]) {
    expect(page).toContain(piece)
  }
  expect(page).toContain("string (uuid)")
  expect(page).toContain("&#34;open&#34; or &#34;paid&#34;")
  expect(page).not.toContain("order.inside")
  expect(page).toContain("map of integer")
})

test("what there is one of is counted as one", () => {
  expect(page).toContain("3 operations of 1 module ·")
})

test("what contracts say is text, never HTML", () => {
  expect(page).not.toContain("<script>alert(1)")
  expect(page).toContain("Takes &#60;script&#62;alert(1)&#60;/script&#62; literally &#38; safely.")
})

test("the policy lets in exactly the page's own style and script", () => {
  for (const element of ["style", "script"]) {
    const content = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)?.[1] ?? ""
    expect(docsPolicy).toContain(`${element}-src 'sha256-${createHash("sha256").update(content).digest("base64")}'`)
  }
  expect(docsPolicy).toContain("default-src 'none'")
})

test("the page asks for nothing from elsewhere", () => {
  expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
})
