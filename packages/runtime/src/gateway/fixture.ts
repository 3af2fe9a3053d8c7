import { connect } from "node:net"
import { command, defineContract, defineModule, defineTopology, query, refusal } from "@hanok/contract"
import type { GatewayOptions, Identity, Module } from "@hanok/contract"
import { onTestFinished } from "vitest"
import { z } from "zod"
import { createAuthenticator } from "../auth/authenticator.ts"
import { signUserToken } from "../auth/user-token.ts"
import { createHost } from "../host/host.ts"
import { createLog, loggerFor } from "../log.ts"
import { createRecorder } from "../recorder/index.ts"
import { createGateway } from "./gateway.ts"
import type { Gateway, GatewayConfiguration } from "./gateway.ts"

/** A contract for the gateway's tests: one operation for each thing that a request can be. */
export const parcelContract = defineContract("parcel", {
  parcel: query({
    input: z.object({ parcelId: z.string().min(2) }),
    output: z.object({ parcelId: z.string(), grams: z.int() }),
    access: "public",
    http: "GET /parcels/{parcelId}",
  }),
  parcels: query({
    input: z.object({ limit: z.int().min(1).max(100).default(10), fragile: z.boolean().optional(), tags: z.array(z.string()).optional() }),
    output: z.object({ limit: z.int(), fragile: z.boolean().nullable(), tags: z.array(z.string()) }),
    access: "public",
    http: "GET /parcels",
  }),
  send: command({
    input: z.object({ to: z.object({ name: z.string().min(1), zip: z.string().regex(/^\d{5}$/) }), grams: z.int().positive() }),
    output: z.object({ parcelId: z.string(), sender: z.string(), count: z.int() }),
    refusals: { TOO_HEAVY: z.object({ mostGrams: z.int() }), CLOSED: refusal(z.object({}), { status: 423 }) },
    http: "POST /parcels",
  }),
  redirect: command({
    input: z.object({ parcelId: z.string(), zip: z.string() }),
    output: z.object({ zip: z.string() }),
    access: { anyOf: ["clerk", "admin"] },
    http: "PUT /parcels/{parcelId}/address",
  }),
  discard: command({
    input: z.object({ parcelId: z.string() }),
    output: z.object({ parcelId: z.string() }),
    access: "public",
    http: "DELETE /parcels/{parcelId}",
  }),
  wait: query({ input: z.object({}), output: z.object({ waited: z.boolean() }), access: "public", http: "GET /wait" }),
  broken: query({ input: z.object({}), output: z.object({ count: z.int() }), access: "public", http: "GET /broken" }),
  crash: query({ input: z.object({}), output: z.object({}), access: "public", http: "GET /crash" }),
  late: query({ input: z.object({}), output: z.object({}), access: "public", timeoutMs: 20, http: "GET /late" }),
  inside: query({ input: z.object({}), output: z.object({}) }),
})

/** What the handlers did and are to do. */
interface ParcelWorld {
  readonly sent: { readonly subject: string; readonly key: string | undefined }[]
  readonly waiting: { readonly signal: AbortSignal; release(): void }[]
}

const secret = "a secret of these tests, long enough"

export function tokenFor(identity: Identity): Promise<string> {
  return signUserToken(secret, identity, 600)
}

/** A gateway before a host, on a free port, closed when the test ends. */
export interface OpenGateway {
  readonly gateway: Gateway
  /** What the gateway is told is not ready. */
  readonly missing: string[]
  readonly logLines: string[]
}

export interface House extends OpenGateway {
  readonly world: ParcelWorld
}

/** A gateway before the module of `parcelContract`. */
export async function createHouse(options: GatewayOptions = {}): Promise<House> {
  const world: ParcelWorld = { sent: [], waiting: [] }
  return { world, ...(await openGateway([parcelModule(world)], options)) }
}

export async function openGateway(
  modules: readonly Module[],
  options: GatewayOptions = {},
  place: Pick<GatewayConfiguration, "listen"> = {},
): Promise<OpenGateway> {
  const topology = defineTopology({ modules, gateway: { requestsPerSecond: 0, ...options } })
  const logLines: string[] = []
  const log = createLog({ service: "main", instance: "1", destination: { write: (line) => void logLines.push(line) } })
  const recorder = createRecorder({ resource: {} })
  const remote = (service: string) => {
    throw new Error(`there is no service ${service}`)
  }
  const host = await createHost({ topology, service: "main", env: {}, recorder, log, remote })
  const missing: string[] = []
  const auth = createAuthenticator({ HANOK_SECRET: secret })
  const gateway = await createGateway({
    topology,
    edge: host.edge,
    auth,
    log: loggerFor(log, {}),
    unready: async () => missing,
    port: 0,
    ...place,
  })
  onTestFinished(async () => {
    await gateway.close({ graceMs: 0 })
    await host.close({ graceMs: 0 })
    await recorder.close()
  })
  return { gateway, missing, logLines }
}

export const kim = { subject: "kim", roles: ["customer"] }
/** An input of `send` that is accepted. */
export const parcel = { to: { name: "Lee", zip: "04524" }, grams: 100 }

export interface Ask {
  readonly method?: string
  readonly as?: { readonly subject: string; readonly roles: readonly string[] }
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One request, and its answer with the body parsed. */
export async function ask({ gateway }: OpenGateway, path: string, { method = "GET", as, body, headers = {} }: Ask = {}) {
  const authorization = as ? { authorization: `Bearer ${await tokenFor(as)}` } : {}
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json", ...authorization, ...headers } }
  const response = await fetch(`${gateway.url}${path}`, { method, headers: { ...authorization, ...headers }, ...sent })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) }
}

function parcelModule(world: ParcelWorld) {
  return defineModule({
    contract: parcelContract,
    owner: "team-parcel",
    handlers: {
      parcel:
        () =>
        async ({ parcelId }) => ({ parcelId, grams: 500 }),
      parcels:
        () =>
        async ({ limit, fragile, tags }) => ({ limit, fragile: fragile ?? null, tags: tags ?? [] }),
      send:
        () =>
        async ({ grams, to }, context) => {
          if (grams > 20_000) throw context.refusal("TOO_HEAVY", { mostGrams: 20_000 })
          if (to.zip === "00000") throw context.refusal("CLOSED", {})
          const sender = context.identity?.subject ?? ""
          world.sent.push({ subject: sender, key: context.idempotencyKey })
          return { parcelId: context.newId(), sender, count: world.sent.length }
        },
      redirect:
        () =>
        async ({ zip }) => ({ zip }),
      discard:
        () =>
        async ({ parcelId }) => ({ parcelId }),
      wait:
        () =>
        async (_, { signal }) => {
          await new Promise<void>((release) => world.waiting.push({ signal, release }))
          return { waited: true }
        },
      broken: () => async () => ({ count: 0.5 }),
      crash: () => async () => {
        throw new Error("the secret of the cellar")
      },
      late: () => () => new Promise<never>(() => undefined),
      inside: () => async () => ({}),
    },
  })
}

/** What a server answers to these bytes until it closes the connection, or has said as many answers as expected. */
export function exchangeBytes(port: number, bytes: string | Buffer, halfClose = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => (halfClose ? socket.end(bytes) : socket.write(bytes)))
    let answer = ""
    socket.setEncoding("utf8").on("data", (text) => (answer += text))
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no end after: ${answer}`)))
    socket.once("error", reject).once("close", () => resolve(answer))
  })
}
