import { fastify } from "fastify"
import { z } from "zod"
import { Order, OrderInput, orderOf } from "../../work.ts"
import type { RemoteContender } from "../contender.ts"
import { withUndici } from "../undici-client.ts"

const schemaOf = (schema: z.ZodType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-7" })
  return rest
}

/** Input checked and output written by the schemas, as Fastify does it. */
export const contender: RemoteContender = {
  async serve() {
    const app = fastify()
    app.post<{ Body: OrderInput }>("/orders", { schema: { body: schemaOf(OrderInput), response: { 200: schemaOf(Order) } } }, ({ body }) =>
      orderOf(body),
    )
    return app.listen({ port: 0, host: "127.0.0.1" })
  },
  within: withUndici,
}
