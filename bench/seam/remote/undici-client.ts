import { Pool } from "undici"
import type { Order } from "../work.ts"
import type { Call } from "./contender.ts"

/** Posts JSON over connections that are kept open. */
export async function withUndici(origin: string, work: (call: Call) => Promise<void>): Promise<void> {
  const pool = new Pool(origin, { connections: 64 })
  const headers = { "content-type": "application/json" }
  await work(async (input) => {
    const { body, statusCode } = await pool.request({ path: "/orders", method: "POST", headers, body: JSON.stringify(input) })
    if (statusCode !== 200) throw new Error(`status ${statusCode}`)
    // The other side of this benchmark answers with an order.
    return (await body.json()) as Order
  })
  await pool.destroy()
}
