import jwt from "@fastify/jwt"
import { fastify } from "fastify"
import { z } from "zod"
import { input, Order, OrderInput, orderOf } from "../seam/work.ts"
import type { Post } from "../harness/load.ts"

const body = JSON.stringify(input)
const secret = "a secret for this benchmark alone, 32 characters"

const schemaOf = (type: z.ZodType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(type, { target: "draft-7" })
  return rest
}
const schema = { body: schemaOf(OrderInput), response: { 200: schemaOf(Order) } }

/** Bare: the body is checked and the reply written by the schemas, nobody is asked who they are, and nothing is recorded. */
export async function serveFastify(): Promise<Post> {
  const app = fastify()
  app.post<{ Body: OrderInput }>("/orders", { schema }, ({ body }) => orderOf(body))
  return { url: `${await app.listen({ port: 0, host: "127.0.0.1" })}/orders`, body }
}

/** The same with each request's token verified by `@fastify/jwt`, which may remember those that it has seen. */
export async function serveFastifyJwt(): Promise<Post> {
  const app = fastify()
  await app.register(jwt, { secret, verify: { cache: true } })
  const onRequest = async (request: { jwtVerify(): Promise<unknown> }) => void (await request.jwtVerify())
  app.post<{ Body: OrderInput }>("/orders", { schema, onRequest }, ({ body }) => orderOf(body))
  const url = await app.listen({ port: 0, host: "127.0.0.1" })
  const token = app.jwt.sign({ sub: "customer-1", roles: ["customer"] }, { expiresIn: "1h" })
  return { url: `${url}/orders`, body, headers: { authorization: `Bearer ${token}` } }
}
