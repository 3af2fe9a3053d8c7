import jwt from "@fastify/jwt"
import { fastify } from "fastify"
import { z } from "zod"
import { Order, OrderInput, orderOf } from "../seam/work.ts"
import type { Target } from "./load.ts"

const secret = "a secret for this benchmark alone, 32 characters"

const schemaOf = (type: z.ZodType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(type, { target: "draft-7" })
  return rest
}
const schema = { body: schemaOf(OrderInput), response: { 200: schemaOf(Order) } }

/** Bare: the body is checked and the reply written by the schemas, nobody is asked who they are, and nothing is recorded. */
export async function serveFastify(): Promise<Target> {
  const app = fastify()
  app.post<{ Body: OrderInput }>("/orders", { schema }, ({ body }) => orderOf(body))
  return { url: `${await app.listen({ port: 0, host: "127.0.0.1" })}/orders`, headers: {} }
}

/** The same with each request's token verified by `@fastify/jwt`, which may remember those that it has seen. */
export async function serveFastifyJwt(): Promise<Target> {
  const app = fastify()
  await app.register(jwt, { secret, verify: { cache: true } })
  const onRequest = async (request: { jwtVerify(): Promise<unknown> }) => void (await request.jwtVerify())
  app.post<{ Body: OrderInput }>("/orders", { schema, onRequest }, ({ body }) => orderOf(body))
  const url = await app.listen({ port: 0, host: "127.0.0.1" })
  const token = app.jwt.sign({ sub: "customer-1", roles: ["customer"] }, { expiresIn: "1h" })
  return { url: `${url}/orders`, headers: { authorization: `Bearer ${token}` } }
}
