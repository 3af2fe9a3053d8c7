import type { Random } from "../../../examples/shop/load/random.ts"
import { hostileValues, randomBytesOf } from "../input/hostile.ts"
import { mutated, spoiltBytes } from "../input/mutate.ts"
import { routedTargets } from "../input/operations.ts"
import type { Target } from "../input/operations.ts"
import { sampleOf } from "../input/sample.ts"
import type { Credentials } from "../input/tokens.ts"
import type { Attack, Sent } from "./attack.ts"
import { createHttpSender } from "./http.ts"

export interface GatewayAttackOptions {
  readonly port: number
  readonly credentials: Credentials
  readonly knownTexts: readonly string[]
}

/** Whole requests to the operations behind the gateway, with inputs that nearly fit, or do not fit at all. */
export function createGatewayAttack({ port, credentials, knownTexts }: GatewayAttackOptions): Attack {
  const sender = createHttpSender(port)
  return {
    name: "gateway",
    share: 0.6,
    async send(random) {
      const target = pick(random)
      const credential = random.chance(0.7) ? credentials.valid(random) : credentials.worthless(random)
      const input = inputFor(target, random, knownTexts)
      const { method, path, body } = requestFor(target, input, random)
      const headers = {
        ...headersFor(target, random, body),
        ...(credential.header === undefined ? {} : { authorization: credential.header }),
      }
      const reaction = await sender.send({ method, path, headers, body })
      // With another method it may be another operation, which is open to all.
      const isProtected = target.isProtected && method === target.binding?.method
      const isKnown = credential.isValid && (target.roles.length === 0 || target.roles.some((role) => credential.roles.includes(role)))
      return sentOf(target, { isProtected, isKnown }, reaction, `${method} ${path} ${shown(body)}`)
    },
    close: () => sender.close(),
  }
}

function pick(random: Random): Target {
  const target = routedTargets[Number(random.weighted(weights))]
  if (!target) throw new Error("There are no operations behind the gateway.")
  return target
}

const weights = Object.fromEntries(routedTargets.map(({ weight }, index) => [String(index), weight]))

function inputFor({ input }: Target, random: Random, knownTexts: readonly string[]): unknown {
  const sample = sampleOf(input, random, knownTexts)
  return random.chance(0.06) ? sample : mutated(sample, random)
}

function requestFor({ binding }: Target, input: unknown, random: Random) {
  if (!binding) throw new Error("The operation has no route.")
  const fields = typeof input === "object" && input !== null && !Array.isArray(input) ? (input as Readonly<Record<string, unknown>>) : {}
  const filled = binding.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => inPath(fields[name], random))
  const method = random.chance(0.02) ? (random.pick(["DELETE", "PUT", "PATCH", "OPTIONS", "HEAD", "TRACE"]) ?? "GET") : binding.method
  if (!binding.hasBody) return { method, path: `${filled}${queryOf(fields, binding.queryFields, random)}`, body: undefined }
  const rest = fields === input ? Object.fromEntries(Object.entries(fields).filter(([name]) => !binding.pathFields.includes(name))) : input
  return { method, path: filled, body: bodyOf(rest, random) }
}

function inPath(value: unknown, random: Random): string {
  if (random.chance(0.02)) return random.pick(["%00", "%zz", "%ff%fe", "..%2f..", "%25", "a".repeat(3_000), "%E0%A4%A", ";a=b"]) ?? ""
  return encodeURIComponent(textOf(value)).slice(0, 2_000) || "x"
}

function queryOf(fields: Readonly<Record<string, unknown>>, names: readonly string[], random: Random): string {
  const pairs = Object.entries(fields).filter(([name]) => names.includes(name) || random.chance(0.5))
  const words = pairs.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).slice(0, 250).map((one) => [name, textOf(one)] as const),
  )
  const text = words.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&")
  if (random.chance(0.03)) return `?${random.pick(["&&&", "=", "a[b][c]=1", "limit=1&limit=2", "%zz=%zz", "limit=1e1", "?", "cursor=%00"])}`
  return text === "" ? "" : `?${text.slice(0, 6_000)}`
}

function encoded(text: string): string {
  return encodeURIComponent(text.slice(0, 2_000).toWellFormed())
}

function textOf(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "")
  return text.toWellFormed()
}

function bodyOf(value: unknown, random: Random): Buffer {
  if (random.chance(0.001)) return Buffer.alloc(random.between(900_000, 1_300_000), "x")
  if (random.chance(0.1)) return spoiltBytes(value, random)
  if (random.chance(0.02)) return randomBytesOf(random, 400)
  return Buffer.from(JSON.stringify(value) ?? "")
}

const oddTypes = [
  "text/plain",
  "application/xml",
  "multipart/form-data; boundary=x",
  "application/json; charset=utf-16",
  "application/json;;",
  "",
]
const oddHeaders = [
  { "content-encoding": "gzip" },
  { accept: "application/xml" },
  { traceparent: "00-zz-zz-01" },
  { traceparent: `00-${"0".repeat(32)}-${"0".repeat(16)}-ff` },
  { "x-forwarded-for": "1.2.3.4, 5.6.7.8" },
  { "x-http-method-override": "DELETE" },
  { cookie: "a=b; c".repeat(200) },
  { expect: "100-continue" },
  { range: "bytes=0-1" },
  { "if-none-match": "*" },
  { "hanok-subject": "root", "hanok-roles": "admin" },
  { host: "evil.example:99999" },
  { "x-padding": "x".repeat(15_000) },
]

function headersFor({ isCommand }: Target, random: Random, body: Buffer | undefined): Record<string, string> {
  const type = random.chance(0.03) ? (random.pick(oddTypes) ?? "") : "application/json"
  const odd = random.chance(0.05) ? random.pick(oddHeaders) : {}
  return {
    ...(body === undefined ? {} : { "content-type": type, "content-length": String(body.length) }),
    ...(isCommand && random.chance(0.3) ? { "idempotency-key": keyFor(random) } : {}),
    ...odd,
  }
}

function keyFor(random: Random): string {
  const hostile = hostileValues.filter((value) => typeof value === "string" && /^[\x20-\x7e]*$/.test(value))
  return random.chance(0.5) ? `k-${random.between(0, 1_000)}` : String(random.pick(hostile))
}

function sentOf(
  target: Target,
  circumstances: Pick<Sent, "isProtected" | "isKnown">,
  reaction: Sent["reaction"] | undefined,
  what: string,
): Sent {
  const description = `${target.contract}.${target.operation}: ${what}`
  if (reaction) return { ...circumstances, reaction, description, isKept: target.isCommand && reaction.status < 300 }
  return { ...circumstances, reaction: { status: 0, code: undefined, body: "" }, description, hangs: true }
}

function shown(body: Buffer | undefined): string {
  return body === undefined ? "" : body.subarray(0, 600).toString("utf8")
}
