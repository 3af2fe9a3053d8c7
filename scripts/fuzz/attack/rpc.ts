import type { Random } from "../../../examples/shop/load/random.ts"
import { hostileValues, randomBytesOf } from "../input/hostile.ts"
import { mutated, spoiltBytes } from "../input/mutate.ts"
import { targets } from "../input/operations.ts"
import { sampleOf } from "../input/sample.ts"
import type { Credentials } from "../input/tokens.ts"
import type { Attack } from "./attack.ts"
import { createHttpSender } from "./http.ts"

export interface RpcAttackOptions {
  readonly port: number
  readonly credentials: Credentials
  readonly knownTexts: readonly string[]
}

const oddHeaders = [
  { "hanok-timeout-ms": "0" },
  { "hanok-timeout-ms": "1e9" },
  { "hanok-timeout-ms": "0.5" },
  { "hanok-roles": ",,,admin,,," },
  { traceparent: "x".repeat(60) },
  { "idempotency-key": "~".repeat(300) },
  { "content-encoding": "gzip" },
]

/** Calls by plain HTTP at the port of the seams. */
export function createRpcAttack({ port, credentials, knownTexts }: RpcAttackOptions): Attack {
  const sender = createHttpSender(port)
  return {
    name: "rpc",
    share: 0.15,
    async send(random) {
      const target = targets[Number(random.weighted(weights))]
      if (!target) throw new Error("There are no operations.")
      const credential = random.chance(0.6) ? credentials.valid(random) : credentials.worthless(random)
      const path = random.chance(0.04) ? oddPath(random) : `/rpc/${target.contract}/${target.operation}`
      const body = bodyFor(sampleOf(target.input, random, knownTexts), random)
      const headers = {
        "content-type": random.chance(0.03) ? "text/plain" : "application/json",
        "content-length": String(body.length),
        ...(random.chance(0.6) ? { "hanok-subject": subjectFor(random, knownTexts), "hanok-roles": "customer,partner,admin" } : {}),
        ...(random.chance(0.3) ? { "idempotency-key": `k-${random.between(0, 1_000)}` } : {}),
        ...(random.chance(0.05) ? random.pick(oddHeaders) : {}),
        ...(credential.header === undefined ? {} : { authorization: credential.header }),
      }
      const method = random.chance(0.02) ? "GET" : "POST"
      const reaction = await sender.send({ method, path, headers, body })
      const description = `${method} ${path} ${body.subarray(0, 600).toString("utf8")}`
      const isProtected = path.startsWith("/rpc/")
      const nothing = { status: 0, code: undefined, body: "" }
      const isKept = target.isCommand && reaction?.status === 200
      return { isProtected, isKnown: credential.isValid, reaction: reaction ?? nothing, description, isKept, hangs: reaction === undefined }
    },
    close: () => sender.close(),
  }
}

const weights = Object.fromEntries(targets.map(({ weight }, index) => [String(index), weight]))

function oddPath(random: Random): string {
  const odd = [
    "/rpc",
    "/rpc/",
    "/rpc/order",
    "/rpc/order/__proto__",
    "/rpc/__proto__/toString",
    "/rpc/order/placeOrder/x",
    "/hanok",
    "/",
    "/rpc/%2e%2e/x",
  ]
  return random.pick(odd) ?? "/"
}

function subjectFor(random: Random, knownTexts: readonly string[]): string {
  const hostile = hostileValues.filter((value) => typeof value === "string" && /^[\x20-\x7e]*$/.test(value))
  return random.chance(0.8) ? (random.pick(knownTexts) ?? "x") : String(random.pick(hostile))
}

function bodyFor(sample: unknown, random: Random): Buffer {
  if (random.chance(0.06)) return Buffer.from(JSON.stringify(sample))
  if (random.chance(0.1)) return spoiltBytes(sample, random)
  if (random.chance(0.001)) return Buffer.alloc(random.between(900_000, 1_300_000), " ")
  if (random.chance(0.02)) return randomBytesOf(random, 300)
  return Buffer.from(JSON.stringify(mutated(sample, random)) ?? "")
}
