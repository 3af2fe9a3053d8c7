import { signUserToken } from "@hanok/runtime"
import { createHttpClient } from "../chaos/business/http-client.ts"
import type { Target } from "./server/target.ts"

/** What an attacker knows of the shop: ids of what is there. */
export interface Furniture {
  readonly subject: string
  readonly texts: readonly string[]
}

const home = { recipient: "Kim Mina", phone: "010-1234-5678", postalCode: "04524", street: "Sejong-daero 110", detail: "5F" }

/** Puts something of everything into the shop, so that inputs get further than to what does not exist. */
export async function furnish({ gatewayUrl, secret }: Target): Promise<Furniture> {
  const client = createHttpClient(gatewayUrl)
  let subject = ""
  const post = async (path: string, body: unknown) => {
    const token = subject === "" ? {} : { token: await signUserToken(secret, { subject, roles: ["customer", "partner", "admin"] }, 600) }
    const answer = await client.send({ method: "POST", path, body, ...token, idempotencyKey: crypto.randomUUID(), timeoutMs: 10_000 })
    if (answer.code !== undefined) throw new Error(`POST ${path} is answered with ${answer.code}.`)
    return answer.body as Readonly<Record<string, unknown>>
  }
  try {
    subject = String(
      (await post("/customers", { email: "somebody@fuzz.example", password: "a long enough password", name: "Kim Mina" }))["customerId"],
    )
    const addressId = String((await post("/me/addresses", home))["addressId"])
    const partnerId = String((await post("/partners", { name: "Icheon Celadon", businessNumber: "101-20-30401" }))["partnerId"])
    await post(`/partners/${partnerId}/enable`, {})
    const item = await post("/items", { name: "Celadon cup", basePriceCents: 2_000 })
    const itemId = String(item["itemId"])
    const sku = (item["variants"] as readonly { readonly sku: string }[])[0]?.sku ?? ""
    await post(`/stock/${sku}/receipts`, { quantity: 1_000_000 })
    await post(`/items/${itemId}/start-sale`, {})
    const orderId = String((await post("/orders", { lines: [{ itemId, quantity: 1 }], addressId }))["orderId"])
    await post(`/orders/${orderId}/payment`, { method: "card", token: "tok_ok" })
    return { subject, texts: [subject, addressId, partnerId, itemId, sku, orderId] }
  } finally {
    client.close()
  }
}
