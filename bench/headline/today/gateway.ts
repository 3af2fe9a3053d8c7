import jwt from "@fastify/jwt"
import { Fault, operationsOf } from "@hanok/contract"
import type { Access, Identity, Operation } from "@hanok/contract"
import { fastify } from "fastify"
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify"
import { Pool } from "undici"
import type { Dispatcher } from "undici"
import { identityHeaders } from "./identity.ts"
import { problemHandler } from "./problem-handler.ts"
import type { Settings } from "./settings.ts"
import { userTokenKey } from "./user-token-key.ts"

/** The way in from outside: it verifies tokens and the right to call, and forwards requests as they are to the service that answers. */
export async function createGateway(settings: Settings): Promise<FastifyInstance> {
  const app = fastify({ logger: { level: "warn" } })
  const key = Buffer.from(userTokenKey(settings.secret))
  await app.register(jwt, { secret: key, verify: { algorithms: ["HS256"], cache: true } })
  // Bodies are the services' business.
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) => done(null, body))
  app.setErrorHandler(problemHandler)
  app.get("/health", async () => ({ ready: true }))
  for (const { contract } of settings.modules) {
    const pool = new Pool(settings.originOf(contract.name))
    for (const [name, operation] of operationsOf(contract)) addForwarding(app, pool, `${contract.name}.${name}`, operation)
  }
  return app
}

function addForwarding(app: FastifyInstance, pool: Pool, name: string, { http, access, timeoutMs }: Operation): void {
  if (http === undefined) return
  const [method = "", path = ""] = http.split(" ")
  app.route({
    // `HttpRoute` allows only methods that Fastify knows.
    method: method as HTTPMethods,
    url: path.replaceAll(/\{([^{}]+)\}/g, ":$1"),
    handler: async (request, reply) => {
      const identity = await identityOf(request)
      checkAccess(name, access, identity)
      return forward(pool, request, reply, identity, timeoutMs)
    },
  })
}

async function identityOf(request: FastifyRequest): Promise<Identity | undefined> {
  if (request.headers.authorization === undefined) return undefined
  try {
    // What the customer module signs.
    const { sub, roles = [] } = await request.jwtVerify<{ readonly sub: string; readonly roles?: readonly string[] }>()
    return { subject: sub, roles }
  } catch (cause) {
    throw new Fault("UNAUTHENTICATED", "The token was not accepted.", { cause })
  }
}

function checkAccess(operation: string, access: Access, identity: Identity | undefined): void {
  if (access === "public") return
  if (!identity) throw new Fault("UNAUTHENTICATED", `${operation} asks for a token, and the request carries none.`)
  if (access === "signed-in" || access.anyOf.some((role) => identity.roles.includes(role))) return
  throw new Fault("FORBIDDEN", `${operation} asks for one of the roles ${access.anyOf.join(", ")}.`)
}

async function forward(
  pool: Pool,
  request: FastifyRequest,
  reply: FastifyReply,
  identity: Identity | undefined,
  timeoutMs: number,
): Promise<FastifyReply> {
  const { statusCode, headers, body } = await pool.request({
    path: request.url,
    // The route has a method that HTTP knows.
    method: request.method as Dispatcher.HttpMethod,
    headers: { accept: "application/json", ...(request.body ? { "content-type": "application/json" } : {}), ...identityHeaders(identity) },
    // Left as it came by the parser above.
    body: (request.body as Buffer | undefined) ?? null,
    signal: AbortSignal.timeout(timeoutMs),
  })
  return reply
    .code(statusCode)
    .header("content-type", headers["content-type"])
    .send(Buffer.from(await body.arrayBuffer()))
}
