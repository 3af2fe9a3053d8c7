import { command, Fault, isFault, isRefusal, query } from "@hanok/contract"
import pino from "pino"
import { expect, test } from "vitest"
import { z } from "zod"
import { CallContext } from "../context/call-context.ts"
import { nobodysRequest } from "../context/request-traits.ts"
import { Scope } from "../context/scope.ts"
import { createFingerprint } from "../host/fingerprint.ts"
import { OncePerKey } from "../host/once-per-key.ts"
import { createMemoryJournal } from "../memory/journal.ts"
import { newRootSpanIds, SpanTemplate } from "../recorder/index.ts"
import type { Recorder } from "../recorder/index.ts"
import { createBoundary } from "./boundary.ts"
import { createLocalOperation } from "./local-operation.ts"
import type { AnyHandler, LocalOperation } from "./local-operation.ts"

const shape = { input: z.object({ n: z.int() }), output: z.object({ n: z.int() }) }
const fingerprint = createFingerprint(undefined)
const take = command({ ...shape, refusals: { NONE_LEFT: z.object({ left: z.int() }) } })

interface Behaviour {
  readonly behave: (input: { readonly n: number }, context: CallContext) => unknown
  /** What the caller sees. */
  readonly outcome: unknown
  /** The error of the span. */
  readonly recorded: string | undefined
}

const behaviours: Readonly<Record<string, Behaviour>> = {
  "an output": { behave: ({ n }) => ({ n: n + 1, secret: "of the handler" }), outcome: { n: 2 }, recorded: undefined },
  "an output of the wrong shape": {
    behave: () => ({ n: "many" }),
    ...same("INVALID_OUTPUT: stock.take returned what its contract does not declare: /n: Invalid input: expected number, received string."),
  },
  nothing: {
    behave: () => undefined,
    ...same(
      "INVALID_OUTPUT: stock.take returned what its contract does not declare: the whole: Invalid input: expected object, received undefined.",
    ),
  },
  "a refusal": {
    behave: (_input, context) => {
      throw context.refusal("NONE_LEFT", { left: 0 })
    },
    outcome: 'NONE_LEFT {"left":0}',
    // It is an answer.
    recorded: undefined,
  },
  "a refusal with the wrong details": {
    behave: (_input, context) => {
      throw context.refusal("NONE_LEFT", { left: "none" })
    },
    outcome:
      "INVALID_OUTPUT: stock.take refused with NONE_LEFT, but its details are not what the contract declares: /left: Invalid input: expected number, received string.",
    recorded: 'NONE_LEFT {"left":"none"}',
  },
  "an error": {
    behave: () => {
      throw new Error("the disk is full")
    },
    outcome: "INTERNAL: stock.take failed.",
    recorded: "Error: the disk is full",
  },
  "a fault of what it called": {
    behave: () => {
      throw new Fault("UNAVAILABLE", "No replica of stock can be reached.")
    },
    ...same("UNAVAILABLE: No replica of stock can be reached."),
  },
}

function same(outcome: string) {
  return { outcome, recorded: outcome }
}

const ways: Readonly<Record<string, (behave: AnyHandler) => AnyHandler>> = {
  "at once": (behave) => behave,
  "as a promise": (behave) => async (input, context) => behave(input, context),
  "as something that can be waited for": (behave) => (input, context) => {
    const promise = Promise.resolve().then(() => behave(input, context))
    // oxlint-disable-next-line unicorn/no-thenable -- this is what is tested: query builders are such things.
    return { then: promise.then.bind(promise) }
  },
}

for (const [what, { behave, outcome, recorded }] of Object.entries(behaviours)) {
  test.each([undefined, "key-1"])(`${what} of a handler is the same at once and waited for, with the key %s`, async (key) => {
    const outcomes = await Promise.all(
      Object.values(ways).map((way) => {
        const operation = createLocalOperation(
          createBoundary("stock", "take", take),
          way(behave as AnyHandler), // the boundary parses what goes in
          new OncePerKey(createMemoryJournal()),
          fingerprint,
        )
        return outcomeOf(operation, key)
      }),
    )
    expect(outcomes).toEqual(outcomes.map(() => ({ outcome, recorded: [recorded] })))
  })
}

test("a keyed command whose handler answers at once is carried out once", async () => {
  let runs = 0
  const operation = createLocalOperation(
    createBoundary("stock", "take", take),
    () => ({ n: ++runs }),
    new OncePerKey(createMemoryJournal()),
    fingerprint,
  )
  const outcomes = [await outcomeOf(operation, "key-1"), await outcomeOf(operation, "key-1"), await outcomeOf(operation, "key-2")]
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([{ n: 1 }, { n: 1 }, { n: 2 }])
})

test("a handler is not called in a scope that has ended", async () => {
  let runs = 0
  const operation = createLocalOperation(
    createBoundary("stock", "left", query(shape)),
    () => ({ n: ++runs }),
    new OncePerKey(createMemoryJournal()),
    fingerprint,
  )
  const scope = Scope.lasting(1_000)
  scope.cancel()
  expect((await outcomeOf(operation, undefined, scope)).outcome).toBe("CANCELLED: Cancelled: the caller went away.")
  expect(runs).toBe(0)
})

test("a handler that ends its own scope before it waits is not waited for", async () => {
  const scope = Scope.lasting(1_000)
  const handler = () => {
    scope.cancel()
    return new Promise<never>(() => undefined)
  }
  const operation = createLocalOperation(
    createBoundary("stock", "left", query(shape)),
    handler,
    new OncePerKey(createMemoryJournal()),
    fingerprint,
  )
  const { outcome, recorded } = await outcomeOf(operation, undefined, scope)
  expect([outcome, recorded]).toEqual(["CANCELLED: Cancelled: the caller went away.", ["CANCELLED: Cancelled: the caller went away."]])
})

async function outcomeOf(operation: LocalOperation, key: string | undefined, limit = Scope.endless) {
  const errors: unknown[] = []
  const recorder: Recorder = {
    record: (_ids, _template, _kind, _startMs, _endMs, _own, error) => void errors.push(error),
    recordBelow: (_parent, _template, _kind, _startMs, _endMs, _own, error) => void errors.push(error),
    dropped: 0,
    flush: async () => undefined,
    close: async () => undefined,
  }
  const name = operation.boundary.operation
  const log = pino({ level: "silent" })
  const origin = { recorder, log, module: "stock", contract: "stock", operation: name, template: SpanTemplate.shared(`stock.${name}`) }
  const ids = newRootSpanIds()
  const context = new CallContext(origin, ids, ids, "internal", limit, 5_000, nobodysRequest, key)
  const outcome: unknown = await operation.invoke({ n: 1 }, context).catch(described)
  return { outcome, recorded: errors.map(described) }
}

function described(error: unknown): unknown {
  if (isRefusal(error)) return `${error.code} ${JSON.stringify(error.details)}`
  if (isFault(error)) return `${error.code}: ${error.message}`
  return error === undefined ? undefined : String(error)
}
