import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { getRequestListener } from "@hono/node-server"
import { Hono } from "hono"
import { OrderInput, orderOf } from "../../work.ts"
import type { RemoteContender } from "../contender.ts"
import { withUndici } from "../undici-client.ts"

/** Input checked by Zod. */
export const contender: RemoteContender = {
  async serve() {
    const app = new Hono()
    app.post("/orders", async (context) => context.json(orderOf(OrderInput.parse(await context.req.json()))))
    const server = createServer(getRequestListener(app.fetch)).listen(0, "127.0.0.1")
    await once(server, "listening")
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  },
  within: withUndici,
}
