import type { Random } from "../../../examples/shop/load/random.ts"
import { hostileNames, hostileValues, largeValue, randomBytesOf } from "./hostile.ts"

const largeShare = 0.01

/** The value with one to three places of it spoilt. */
export function mutated(value: unknown, random: Random): unknown {
  let spoilt = value
  for (let left = random.between(1, 3); left > 0; left--) spoilt = spoiltSomewhere(spoilt, random)
  return spoilt
}

function spoiltSomewhere(value: unknown, random: Random): unknown {
  const goesDeeper = typeof value === "object" && value !== null && random.chance(0.7)
  if (!goesDeeper) return hostileInPlaceOf(value, random)
  if (Array.isArray(value)) return spoiltList(value, random)
  return spoiltObject(value as Readonly<Record<string, unknown>>, random)
}

function hostileInPlaceOf(value: unknown, random: Random): unknown {
  if (random.chance(largeShare)) return largeValue(random)
  if (random.chance(0.1)) return [value]
  if (random.chance(0.1)) return { value }
  if (typeof value === "number" && random.chance(0.4)) return -value
  if (typeof value === "string" && random.chance(0.4))
    return value + String(random.pick(hostileValues.filter((one) => typeof one === "string")))
  return random.pick(hostileValues)
}

function spoiltList(list: readonly unknown[], random: Random): unknown {
  if (list.length === 0 || random.chance(0.2)) return [...list, random.pick(hostileValues)]
  const at = random.between(0, list.length - 1)
  if (random.chance(0.2)) return list.toSpliced(at, 1)
  return list.with(at, spoiltSomewhere(list[at], random))
}

function spoiltObject(fields: Readonly<Record<string, unknown>>, random: Random): unknown {
  const entries = Object.entries(fields)
  const at = random.between(0, Math.max(0, entries.length - 1))
  const [name, value] = entries[at] ?? ["", undefined]
  if (entries.length === 0 || random.chance(0.15)) return withField(entries, random.pick(hostileNames) ?? "", random.pick(hostileValues))
  if (random.chance(0.2)) return Object.fromEntries(entries.toSpliced(at, 1))
  return Object.fromEntries(entries.with(at, [name, spoiltSomewhere(value, random)]))
}

// `__proto__` as a field of its own, as JSON.parse makes it.
function withField(entries: readonly (readonly [string, unknown])[], name: string, value: unknown): unknown {
  return Object.fromEntries([...entries, [name, value]])
}

/** Its JSON with bytes of it spoilt: cut off, changed, doubled, or not JSON at all. */
export function spoiltBytes(value: unknown, random: Random): Buffer {
  const bytes = Buffer.from(JSON.stringify(value) ?? "")
  const at = random.between(0, bytes.length)
  const kinds = [
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes.subarray(0, at), randomBytesOf(random, 8), bytes.subarray(at)]),
    () => Buffer.concat([bytes, bytes]),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    () => Buffer.concat([bytes, Buffer.from("\0garbage")]),
    () => Buffer.from("[".repeat(random.between(1, 20_000))),
    () => Buffer.from('{"a":'.repeat(random.between(1, 5_000))),
    () => Buffer.from(`{"a":1,"a":${JSON.stringify(value) ?? "2"}}`),
    () => Buffer.from("-"),
    () => Buffer.from("1e99999"),
    () => Buffer.from([0xff, 0xfe, 0x7b, 0x00]),
    () => randomBytesOf(random, 200),
  ]
  return random.pick(kinds)?.() ?? bytes
}
