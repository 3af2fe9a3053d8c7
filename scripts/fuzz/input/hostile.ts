import type { Random } from "../../../examples/shop/load/random.ts"

/** Values that programs tend to stumble over. */
export const hostileValues: readonly unknown[] = [
  null,
  true,
  "",
  " ",
  0,
  -0,
  -1,
  0.1,
  1e-7,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  1e21,
  1e308,
  [],
  {},
  [[]],
  [null],
  { length: 1e9 },
  { toString: "x", valueOf: 1 },
  // oxlint-disable-next-line unicorn/no-thenable
  { then: "x" },
  { constructor: { prototype: { isAdmin: true } } },
  { toJSON: {} },
  "\0",
  "a\0b",
  "\uD800",
  "\uDFFF\uD800",
  "\u202Etxet",
  "\u{1F469}\u200D\u{1F469}\u200D\u{1F467}",
  "İ",
  "ﬀ".repeat(50),
  "../../etc/passwd",
  "%00%2e%2e%2f",
  "' or 1=1; drop table orders; --",
  '"; select pg_sleep(10); --',
  "${7*7}{{7*7}}<%= 7*7 %>",
  "<script>alert(1)</script>",
  "\r\nset-cookie: a=b\r\n\r\n",
  "$(reboot)`reboot`",
  "NaN",
  "Infinity",
  "undefined",
  "0x10",
  "1e3",
  "-0",
  "9".repeat(400),
  "2026-02-31T00:00:00.000Z",
  "0000-00-00T00:00:00Z",
  "+275760-09-13T00:00:00.000Z",
  "9999-12-31T23:59:60Z",
  "a".repeat(257),
  "é".repeat(5_000),
]

/** Names that copying or comparing programs tend to stumble over. */
export const hostileNames = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "",
  "\0",
  "\uD800",
  "a.b",
  "0",
  "length",
]

/** Long, deep or wide: now and then. */
export function largeValue(random: Random): unknown {
  const size = random.between(1_000, 40_000)
  const kinds = [
    () => "x".repeat(size),
    () => Array.from({ length: size }, () => 0),
    () => Object.fromEntries(Array.from({ length: Math.ceil(size / 10) }, (_, number) => [`f${number}`, number])),
    () => nested(Math.ceil(size / 20)),
  ]
  return random.pick(kinds)?.()
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

export function randomBytesOf(random: Random, longest: number): Buffer {
  const length = random.between(0, longest)
  return Buffer.from(Array.from({ length }, () => random.between(0, 255)))
}
