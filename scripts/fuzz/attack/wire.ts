import type { Random } from "../../../examples/shop/load/random.ts"
import { hostileValues, largeValue, randomBytesOf } from "../input/hostile.ts"
import { mutated } from "../input/mutate.ts"
import { targets } from "../input/operations.ts"
import { sampleOf } from "../input/sample.ts"
import type { Credentials } from "../input/tokens.ts"
import type { Attack, Sent } from "./attack.ts"
import { frameOf, kinds, packed, upgrade, WireConnection } from "./wire-connection.ts"
import type { WireReaction } from "./wire-connection.ts"

export interface WireAttackOptions {
  readonly port: number
  readonly credentials: Credentials
  readonly knownTexts: readonly string[]
}

const mostKept = 24
const nothing = { status: 0, code: undefined, body: "" }

/** Frames between services: from those who were not let in, and from those who were and do not keep to the rules. */
export function createWireAttack(options: WireAttackOptions): Attack {
  const kept: WireConnection[] = []
  return {
    name: "wire",
    share: 0.15,
    send(random) {
      if (random.chance(0.15)) return enterWithout(options, random)
      return sendFrames(options, random, kept)
    },
    close() {
      for (const connection of kept) connection.close()
    },
  }
}

// Frames come right behind the request, as if it had been granted.
async function enterWithout({ port, credentials, knownTexts }: WireAttackOptions, random: Random): Promise<Sent> {
  const { header } = credentials.worthless(random)
  const result = await upgrade(port, header, callFrames(random, knownTexts))
  if (result instanceof WireConnection) result.close()
  const status = result instanceof WireConnection ? 101 : result
  return { isProtected: true, isKnown: false, reaction: { ...nothing, status }, description: `upgrade with ${header?.slice(0, 60)}` }
}

async function sendFrames({ port, credentials, knownTexts }: WireAttackOptions, random: Random, kept: WireConnection[]): Promise<Sent> {
  const connection = kept.pop() ?? (await upgrade(port, credentials.valid(random).header, Buffer.alloc(0)))
  const known = { isProtected: true, isKnown: true }
  if (!(connection instanceof WireConnection))
    return { ...known, reaction: { ...nothing, status: connection }, description: "a valid upgrade" }
  if (random.chance(0.1)) {
    const bytes = misframed(random, knownTexts)
    const isClosed = await connection.end(bytes)
    return { ...known, reaction: nothing, description: `misframed ${bytes.subarray(0, 100).toString("hex")}`, hangs: !isClosed }
  }
  const bytes = random.chance(0.6) ? callFrames(random, knownTexts) : strangeFrame(random, knownTexts)
  const reaction = await connection.try(bytes)
  if (reaction.kind === "alive" && !connection.isClosed && kept.length < mostKept) kept.push(connection)
  else connection.close()
  const description = `frames ${bytes.subarray(0, 700).toString("latin1")}`
  return { ...known, reaction: statusOf(reaction), description, isKept: hasOutput(reaction), hangs: reaction.kind === "silent" }
}

function hasOutput(reaction: WireReaction): boolean {
  return reaction.kind === "alive" && reaction.replies.some((reply) => Array.isArray(reply) && reply[1] === 0)
}

// A fault of these on the wire is what a status of 500 is in HTTP.
const serverFaults = new Set(["INTERNAL", "INVALID_OUTPUT", "UNAVAILABLE"])

function statusOf(reaction: WireReaction): Sent["reaction"] {
  if (reaction.kind !== "alive") return nothing
  const faults = reaction.replies.flatMap((reply) => (Array.isArray(reply) && reply[1] === 2 ? [reply] : []))
  const worst = faults.find(([, , code]) => serverFaults.has(String(code)))
  if (worst) return { status: 500, code: String(worst[2]), body: String(worst[3]) }
  if (faults.some(([, , code]) => code === "OVERLOADED")) return { status: 503, code: "OVERLOADED", body: "" }
  return { status: 200, code: undefined, body: JSON.stringify(reaction.replies).slice(0, 2_000) }
}

const oddNumbers = [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, -0, 2 ** 32, 2 ** 53, 2n ** 63n, -(2n ** 62n)]

// A target, and a call of it, with an input that nearly fits.
function callFrames(random: Random, knownTexts: readonly string[]): Buffer {
  const target = random.pick(targets.filter(({ weight }) => weight === 1))
  if (!target) throw new Error("There are no operations.")
  const number = random.between(0, 1_000_000)
  const caller = random.pick(["fuzz", "fuzz", "fuzz", "gateway", "order", "", "__proto__"]) ?? ""
  const named = [number, random.chance(0.9) ? "call" : "event", caller, target.contract, target.operation, null]
  const sample = sampleOf(target.input, random, knownTexts)
  const input = random.chance(0.1) ? sample : mutated(sample, random)
  const call: unknown[] = [
    random.between(0, 2 ** 31),
    number,
    5_000,
    1,
    2,
    3,
    4,
    5,
    6,
    random.pick(knownTexts) ?? null,
    ["customer", "partner", "admin"],
    null,
    input,
  ]
  // Its number, its target, its time, or a part of its trace.
  if (random.chance(0.1)) call[random.between(0, 8)] = random.pick(oddNumbers) ?? null
  const spoiltCall = random.chance(0.15) ? mutated(call, random) : call
  return Buffer.concat([frameOf(kinds.target, packedOr(named, random)), frameOf(kinds.calls, packedOr([spoiltCall], random))])
}

function strangeFrame(random: Random, knownTexts: readonly string[]): Buffer {
  const kind = random.chance(0.7) ? (random.pick(Object.values(kinds)) ?? 0) : random.between(0, 127)
  if (random.chance(0.5)) return frameOf(kind, randomBytesOf(random, 300))
  const value = random.chance(0.05) ? largeValue(random) : mutated([random.pick(hostileValues), random.pick(knownTexts)], random)
  return frameOf(kind, packedOr(value, random))
}

// Lengths that are wrong, frames that are cut off.
function misframed(random: Random, knownTexts: readonly string[]): Buffer {
  const frame = callFrames(random, knownTexts)
  if (random.chance(0.4)) return frame.subarray(0, random.between(0, frame.length))
  const wrong = Buffer.from(frame)
  wrong.writeUInt32BE(random.pick([0, 1, 2 ** 24, 2 ** 24 + 1, 2 ** 31, 2 ** 32 - 1]) ?? 0, 0)
  return random.chance(0.3) ? randomBytesOf(random, 300) : wrong
}

function packedOr(value: unknown, random: Random): Buffer {
  const bytes = packed(value)
  if (!random.chance(0.05)) return bytes
  const at = random.between(0, bytes.length)
  return Buffer.concat([bytes.subarray(0, at), randomBytesOf(random, 4), bytes.subarray(at + 1)])
}
