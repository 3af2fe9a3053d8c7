import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { OwnAttributes } from "./own-attributes.ts"
import { SpanRing } from "./ring.ts"
import { eventful } from "./span-details.ts"
import { newRootSpanIds } from "./span-ids.ts"
import { SpanTemplate } from "./span-template.ts"

const text = "x".repeat(1_000_000)
const shared = SpanTemplate.shared("work", { text })
const attributes = { values: [{ text }] }

const places = [
  { what: "attributes of their own", template: shared, own: OwnAttributes.single(["text", text]), rare: undefined },
  { what: "a statement", template: SpanTemplate.single("work", attributes), own: undefined, rare: undefined },
  { what: "an error", template: shared, own: undefined, rare: { error: text, details: undefined } },
  {
    what: "events",
    template: shared,
    own: undefined,
    rare: { error: undefined, details: eventful([{ name: "e", timeMs: 0, attributes }]) },
  },
]

for (const { what, template, own, rare } of places) {
  test(`spans that tell much in ${what} are dropped and counted before they fill the memory, until others have left`, () => {
    const ring = new SpanRing(1_024)
    const push = () => ring.push(newRootSpanIds(), template, "internal", 0, 0, own, rare)
    for (let count = 0; count < 200; count++) push()
    expect([ring.size, ring.dropped]).toEqual([135, 65])
    ring.drop(135)
    for (let count = 0; count < 200; count++) push()
    expect([ring.size, ring.dropped]).toEqual([135, 130])
  })
}

test("what spans share counts for none of them", () => {
  const ring = new SpanRing(1_024)
  const own = OwnAttributes.shared(["text", text])
  for (let count = 0; count < 1_024; count++) ring.push(newRootSpanIds(), shared, "internal", 0, 0, own, undefined)
  expect([ring.size, ring.dropped]).toEqual([1_024, 0])
})

const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
/** What nobody takes from it is 240 MB of text, and a quarter of that the heap of a small container. */
const crowded = `
import { OwnAttributes } from ${from("own-attributes.ts")}
import { SpanRing } from ${from("ring.ts")}
import { newRootSpanIds } from ${from("span-ids.ts")}
import { SpanTemplate } from ${from("span-template.ts")}
const ring = new SpanRing(65_536)
const template = SpanTemplate.shared("work", {})
for (let count = 0; count < 60_000; count++) {
  const own = OwnAttributes.single(["text", Buffer.alloc(4_000, "x").toString("latin1")])
  ring.push(newRootSpanIds(), template, "internal", 0, 0, own, undefined)
}
process.stdout.write(JSON.stringify([ring.size > 0, ring.size + ring.dropped]))
`

test("spans that wait in a process whose heap is small leave most of it to others", { timeout: 60_000 }, async () => {
  const args = ["--max-old-space-size=60", "--input-type=module", "--eval", crowded]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(JSON.parse(stdout)).toEqual([true, 60_000])
})
