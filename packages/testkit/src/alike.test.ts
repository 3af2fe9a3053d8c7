import type { Identity } from "@hanok/contract"
import * as fc from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { aContract, bContract, cContract, failures, playModules, shown, values } from "./fixture/play.ts"
import type { Program, Step } from "./fixture/play.ts"
import { openWire } from "./matrix/wire.ts"
import { environmentOf } from "./stage/environment.ts"
import { openInline } from "./stage/inline.ts"
import { apart, together } from "./stage/regroup.ts"
import type { Stage } from "./stage/stage.ts"

const valueName = fc.constantFrom(...values.keys())
const key = fc.constantFrom(undefined, undefined, "k", "ключ 🏠", "a\0b")
const operation = fc.constantFrom("ask" as const, "act" as const)

function programs(depth: number): fc.Arbitrary<Program> {
  const end = fc.oneof(
    { weight: 2, arbitrary: fc.record({ give: valueName }) },
    { weight: 1, arbitrary: fc.record({ fail: fc.constantFrom(...Object.keys(failures)) }) },
  )
  return fc.record({ steps: depth === 0 ? fc.constant([]) : fc.array(steps(depth), { maxLength: 4 }), end })
}

function steps(depth: number): fc.Arbitrary<Step> {
  const called = { call: programs(depth - 1), module: fc.constantFrom("b" as const, "c" as const), operation, key, value: valueName }
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ ...called, passes: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ keep: fc.constantFrom("x", "y"), fails: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constant({ spoil: true } as const) },
  )
}

interface Request {
  readonly operation: "ask" | "act"
  readonly value: string
  readonly program: Program
  readonly idempotencyKey: string | undefined
  readonly identity: Identity | undefined
}

const requests: fc.Arbitrary<Request> = fc.record({
  operation,
  value: valueName,
  program: programs(3),
  idempotencyKey: key,
  identity: fc.constantFrom(undefined, { subject: "", roles: [] }, { subject: "kim", roles: ["admin"] }),
})

/** What comes of a request: what its caller gets, and what the code of the modules sees. */
function asker(stage: Stage, seen: string[]) {
  const a = stage.client(aContract)
  return async (at: number, { operation, value, program, identity, idempotencyKey }: Request) => {
    seen.length = 0
    const known = { ...(identity && { identity }), ...(idempotencyKey !== undefined && { idempotencyKey: `${at} ${idempotencyKey}` }) }
    const outcome = await a[operation]({ program, value: values.get(value)?.() }, known).catch((error: unknown) => error)
    return { outcome: shown(outcome), seen: [...seen] }
  }
}

test("whatever modules do, it is the same in one service and in one for each: for who calls, who is called, and in what is left of it", async () => {
  const [seenTogether, seenApart]: [string[], string[]] = [[], []]
  const env = environmentOf({ HANOK_LOG_LEVEL: "error" })
  const [inline] = await openInline(together("play", playModules(seenTogether)), env)
  onTestFinished(() => inline.close())
  const wire = await openWire(apart("play", playModules(seenApart)), env)
  onTestFinished(() => wire.close())
  const [askInline, askWire] = [asker(inline, seenTogether), asker(wire, seenApart)]
  let at = 0
  const alike = fc.asyncProperty(requests, async (request) => {
    at += 1
    expect(await askWire(at, request)).toEqual(await askInline(at, request))
  })
  await fc.assert(alike, { numRuns: 100 })
  for (const contract of [aContract, bContract, cContract]) {
    const keptIn = async (stage: Stage) => (await stage.client(contract).kept({})).toSorted()
    const expected = await keptIn(inline)
    await expect.poll(() => keptIn(wire)).toEqual(expected)
  }
})
