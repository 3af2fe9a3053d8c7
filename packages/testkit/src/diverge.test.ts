import { randomUUID } from "node:crypto"
import { Fault, isFault, isRefusal } from "@hanok/contract"
import { signServiceToken } from "@hanok/runtime"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { echoContract, relayContract } from "./fixture/echo.ts"
import { relayPauseMs } from "./fixture/relay-module.ts"
import { oddValues } from "./fixture/odd-values.ts"
import { seamMatrix } from "./matrix/seam-matrix.ts"
import type { SeamRunner } from "./matrix/seam-matrix.ts"
import { environmentOf } from "./stage/environment.ts"
import type { Stage } from "./stage/stage.ts"

/*
 * A seam behaves the same inline and remote. Everything below `describe.each` is that: one set of expectations, met by
 * modules in one service, in services of one process, and in processes of their own. What may differ is the list
 * `allowedDifferences`, and nothing else.
 */
const matrix = seamMatrix({ topology: new URL("fixture/echo-topology.ts", import.meta.url) })

interface Difference {
  readonly name: string
  /** What is seen of it; called with each kind of seam. */
  readonly look: (stage: Stage) => Promise<unknown>
  readonly inline: unknown
  readonly remote: unknown
}

const allowedDifferences: readonly Difference[] = [
  {
    name: "a call over the deadline is aborted at the callee by its own clock, or by the caller's message if that is first",
    look: async (stage) => {
      const echo = stage.client(echoContract)
      const id = await hangUntilDeadline(echo)
      return stage.until(async () => (await echo.hung({ id })).aborted)
    },
    inline: "DEADLINE_EXCEEDED",
    remote: expect.stringMatching(/^(DEADLINE_EXCEEDED|CANCELLED)$/),
  },
  {
    name: "an input or an output of more than 16 MiB does not fit through the wire; that call alone fails",
    look: async ({ client }) => {
      const echo = client(echoContract)
      const input = await codeOf(echo.describe({ value: "x".repeat(20_000_000) }))
      const output = await codeOf(echo.give({ kind: "20 MB" }))
      return [input, output, await codeOf(echo.kept({}))]
    },
    inline: ["done", "done", "done"],
    remote: ["INVALID_INPUT", "INVALID_OUTPUT", "done"],
  },
  {
    name: "half of a surrogate pair, which UTF-8 cannot carry, arrives as a replacement character; the gateway lets none in",
    look: async ({ client }) => (await client(echoContract).describe({ value: "a\ud800b" })).json,
    inline: '"a\\ud800b"',
    remote: '"a\ufffdb"',
  },
  {
    name: "what a module keeps in an AsyncLocalStorage of its own as it calls, its callee finds in the same process only",
    look: async ({ client }) => (await client(relayContract).see({})).callee.stored,
    inline: "by the relay",
    remote: null,
  },
  {
    name: "a callee that is gone is UNAVAILABLE to who calls it and to who waits for it",
    look: async (stage) => {
      const echo = stage.client(echoContract)
      const id = randomUUID()
      const waiting = codeOf(echo.hang({ id }))
      await stage.until(async () => (await echo.hung({ id })).begun)
      const lost = await stage.lose("echo").then(
        () => true,
        () => false,
      )
      if (!lost) return "cannot be lost alone"
      return [await waiting, await codeOf(echo.kept({})), await codeOf(stage.client(relayContract).fail({ kind: "error" }))]
    },
    inline: "cannot be lost alone",
    remote: ["UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"],
  },
]

describe.each(matrix)("a seam, $name,", ({ name, open }: SeamRunner) => {
  let stage: Stage
  beforeAll(async () => void (stage = await open()))
  afterAll(() => stage.close())
  const echo = () => stage.client(echoContract)
  const relay = () => stage.client(relayContract)

  describe("carries values", () => {
    test("with defaults applied and undeclared fields dropped, in and out", async () => {
      const answer = await echo().look({ text: "x", tags: ["a"], secret: "does not arrive" } as never)
      expect(answer).toStrictEqual({ seen: '{"text":"x","count":7,"tags":["a"]}', note: "none", tags: ["a"] })
    })

    test("transformed by the callee's schema once", async () => {
      expect(await echo().trimmed({ text: "  padded " })).toEqual({ text: "PADDED" })
    })

    test("fresh for the callee: what it changes in its input, the caller does not see", async () => {
      const input = { text: "x", tags: ["a"] }
      await echo().look(input)
      expect(input).toEqual({ text: "x", tags: ["a"] })
    })

    test("fresh for the caller: what it changes in an output, or the callee changes late, nobody else sees", async () => {
      const first = await echo().kept({})
      first.list.push("changed by the caller")
      expect(await echo().kept({})).toEqual({ list: ["first"] })
      const answer = await echo().look({ text: "x", tags: ["a"] })
      await new Promise((resolve) => setImmediate(resolve))
      expect(answer.tags).toEqual(["a"])
    })

    test("even where undeclared fields cannot be carried at all", async () => {
      const input: Record<string, unknown> = { text: "x", at: new Map(), by: Symbol("s"), id: 2n ** 80n }
      input["self"] = input
      expect((await echo().look(input as never)).seen).toBe('{"text":"x","count":7,"tags":[]}')
    })

    test("of 1 MB, and many of them at once", async () => {
      const text = "한".repeat(350_000)
      const answers = await Promise.all([1, 2, 3].map(() => echo().describe({ value: text })))
      expect(answers.map(({ json }) => json.length)).toEqual([350_002, 350_002, 350_002])
    })

    test.each(oddValues)("at the edge of JSON: $name", async ({ name, make, json, refused }) => {
      expect(await arrival(echo(), make())).toBe(json ?? `INVALID_INPUT: ${refused}`)
      expect(await answer(echo(), name)).toBe(json ?? `INVALID_OUTPUT: ${refused}`)
    })

    test("that are no JSON as what a schema makes of them that takes them", async () => {
      class Id {
        toString(): string {
          return "id-7"
        }
      }
      expect(await echo().named({ id: new Id() })).toEqual({ id: "id-7" })
      expect(await echo().named({ id: 2n ** 80n })).toEqual({ id: "1208925819614629174706176" })
      expect(await echo().named({ id: new Set([1]) })).toEqual({ id: "[object Set]" })
    })

    test("and numbers, of which NaN is none and -0 is 0", async () => {
      expect(await echo().measure({ value: -0 })).toEqual({ text: "0", value: 0 })
      expect(await echo().measure({ value: 2 ** 60 })).toEqual({ text: "1152921504606847000", value: 2 ** 60 })
      expect(await shownOf(echo().measure({ value: Number.NaN }))).toMatchObject({ code: "INVALID_INPUT", issues: [{ field: "/value" }] })
    })

    test("by name, in the order of the names", async () => {
      expect(await echo().sum({ parts: { b: 1, a: 2, "": 3 } })).toEqual({ sum: 6, names: ["b", "a", ""] })
      expect(await codeOf(echo().sum({ parts: new Map([["a", 1]]) } as never))).toBe("INVALID_INPUT")
    })
  })

  describe("carries errors", () => {
    test("an invalid input names its fields, before the callee sees it", async () => {
      const shown = await shownOf(echo().look({ text: 1, count: 0.5 } as never))
      expect(shown).toEqual({
        code: "INVALID_INPUT",
        message:
          "The input of echo.look is not valid: /text: Invalid input: expected string, received number; /count: Invalid input: expected int, received number.",
        hint: "Send what the contract declares; the fields that do not fit are listed with it.",
        retryable: false,
        retryAfterMs: undefined,
        issues: [
          { field: "/text", message: "Invalid input: expected string, received number" },
          { field: "/count", message: "Invalid input: expected int, received number" },
        ],
      })
    })

    test("an invalid output is INVALID_OUTPUT with its fields", async () => {
      expect(await shownOf(echo().fail({ kind: "output" }))).toMatchObject({
        code: "INVALID_OUTPUT",
        message: "echo.fail returned what its contract does not declare: /count: Invalid input: expected int, received number.",
        issues: [{ field: "/count", message: "Invalid input: expected int, received number" }],
      })
    })

    test.each(["error", "text", "nothing", "at once", "UNAUTHENTICATED", "INVALID_INPUT"])(
      "a handler that fails (%s) is INTERNAL and tells nothing",
      async (kind) => {
        expect(await shownOf(echo().fail({ kind }))).toEqual({
          code: "INTERNAL",
          message: "echo.fail failed.",
          hint: new Fault("INTERNAL", "").hint,
          retryable: false,
          retryAfterMs: undefined,
          issues: [],
        })
      },
    )

    test("a fault of the seam itself says what to do about it", async () => {
      expect(await shownOf(echo().checked({ text: "x" }))).toMatchObject({
        code: "INTERNAL",
        hint: "Move an asynchronous check into the handler; let others return false.",
      })
    })

    test("an input that throws when it is read is INTERNAL and tells nothing", async () => {
      const lazy = {
        get text(): string {
          throw new Error("the session is closed")
        },
      }
      expect(await shownOf(echo().look(lazy))).toMatchObject({ code: "INTERNAL", message: "echo.look failed." })
    })

    test("faults that concern the caller too pass with message and time to wait", async () => {
      const fault = { code: "OVERLOADED", message: "Too much to do.", retryAfterMs: 250, retryable: true }
      expect(await shownOf(echo().fail({ kind: "OVERLOADED" }))).toMatchObject(fault)
      expect(await shownOf(relay().fail({ kind: "OVERLOADED" }))).toMatchObject(fault)
      const hint = new Fault("UNAVAILABLE", "").hint
      expect(await shownOf(echo().fail({ kind: "UNAVAILABLE" }))).toMatchObject({
        code: "UNAVAILABLE",
        message: "The printer is out of paper.",
        hint,
      })
    })

    test.each(["no number", "ever", "a BigInt"])("a fault with a time to wait that is none (%s) passes without it", async (kind) => {
      const told = { code: "OVERLOADED", message: "Later.", retryAfterMs: undefined, retryable: true }
      expect(await shownOf(echo().fail({ kind: `after ${kind}` }))).toMatchObject(told)
      expect(await shownOf(relay().fail({ kind: `after ${kind}` }))).toMatchObject(told)
    })

    test("a declared refusal arrives by code, its details parsed", async () => {
      const refused = { refused: "TOO_LOUD", contract: "echo", operation: "refuse", message: "echo.refuse refused: TOO_LOUD" }
      expect(await shownOf(echo().refuse({ kind: "declared" }))).toEqual({ ...refused, details: { db: 120, unit: "dB" } })
      expect(await shownOf(echo().refuse({ kind: "undeclared fields" }))).toEqual({ ...refused, details: { db: 1, unit: "dB" } })
      expect(await shownOf(echo().refuse({ kind: "GONE" }, { idempotencyKey: `gone ${name}` }))).toMatchObject({
        refused: "GONE",
        details: {},
      })
      expect(await relay().understand({})).toEqual({ code: "TOO_LOUD", db: 120, unit: "dB" })
    })

    test.each(["UNKNOWN_CODE", "foreign", "other operation"])("an undeclared refusal (%s) is INTERNAL", async (kind) => {
      expect(await codeOf(echo().refuse({ kind }))).toBe("INTERNAL")
    })

    test("a refusal whose details are not as declared is INVALID_OUTPUT", async () => {
      expect(await shownOf(echo().refuse({ kind: "wrong details" }))).toMatchObject({ code: "INVALID_OUTPUT", issues: [{ field: "/db" }] })
    })

    test("a refusal that the module in the middle lets through is INTERNAL", async () => {
      expect(await shownOf(relay().refuse({}))).toMatchObject({
        code: "INTERNAL",
        message: "relay.refuse failed: it let the refusal TOO_LOUD of echo.refuse through, which its contract does not declare.",
      })
    })
  })

  describe("carries the context", () => {
    const identity = { subject: "customer-7", roles: ["customer", "partner"] }
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    test("identity and trace reach every callee", async () => {
      const { own, callee } = await relay().see({}, { identity, traceparent })
      for (const seen of [own, callee]) {
        expect(seen).toMatchObject({ ...identity, traceId: "0af7651916cd43dd8448eb211c80319c" })
      }
    })

    test("the identity stays as it is, whatever a callee does to it", async () => {
      expect(await echo().promote({}, { identity })).toEqual({ refused: true })
      expect(identity.roles).toEqual(["customer", "partner"])
    })

    test("nobody is nobody", async () => {
      expect((await relay().see({})).callee).toMatchObject({ subject: null, roles: [], idempotencyKey: null })
    })

    test("the time that is left shrinks on the way, from the caller's or the operation's own", async () => {
      const { own, callee, leftMs } = await relay().see({}, { timeoutMs: 4000 })
      expect(own.remainingMs).toBeLessThanOrEqual(4000)
      expect(callee.remainingMs).toBeLessThanOrEqual(leftMs - relayPauseMs / 2)
      expect((await echo().see({}, { timeoutMs: 60_000 })).remainingMs).toBeLessThanOrEqual(10_000)
    })

    test("an idempotency key, those derived from it and the ids made under it", async () => {
      const { own, callee } = await relay().see({}, { idempotencyKey: `context ${name}` })
      expect([own.idempotencyKey, callee.idempotencyKey]).toEqual([`context ${name}`, `context ${name} in relay.see>echo.see#0`])
      const { newIds } = await echo().see({}, { idempotencyKey: "the same everywhere" })
      expect(newIds).toEqual(["ce38dc89-e676-8b67-b897-76f68cae3c35", "3bdb140b-63bd-8a07-a2cc-0ea361f0a855"])
    })

    test("a keyed command is applied once, also by two calls at once, and its refusal is kept too", async () => {
      const call = { idempotencyKey: `once ${name}` }
      const [first, second] = await Promise.all([echo().see({}, call), echo().see({}, call)])
      expect(second).toEqual(first)
      expect(await echo().timesSeen(call)).toEqual({ times: 1 })
      const refusals = await Promise.all([1, 2].map(() => shownOf(echo().refuse({ kind: "declared" }, call))))
      expect(refusals[0]).toEqual(refusals[1])
    })

    test("a key that is used again for another input is refused", async () => {
      const call = { idempotencyKey: `reused ${name}` }
      await echo().see({ count: 1 }, call)
      expect(await codeOf(echo().see({ count: 2 }, call))).toBe("IDEMPOTENCY_KEY_REUSED")
    })
  })

  describe("ends calls", () => {
    test("at the deadline, and tells the callee", async () => {
      const id = await hangUntilDeadline(echo())
      expect(await stage.until(async () => (await echo().hung({ id })).aborted)).toBeTruthy()
    })

    test.each([0, -1])("at once when %d ms are given", async (timeoutMs) => {
      expect(await codeOf(echo().hang({ id: `given ${timeoutMs}` }, { timeoutMs }))).toBe("DEADLINE_EXCEEDED")
    })

    test("at the operation's own deadline when the time given is no number", async () => {
      expect((await echo().see({}, { timeoutMs: Number.NaN })).remainingMs).toBeLessThanOrEqual(10_000)
    })

    test("at a deadline shorter than the caller's, who goes on", async () => {
      expect(await relay().hurry({ id: "hurry" })).toEqual({ code: "DEADLINE_EXCEEDED", ownAborted: false })
    })

    test("before they begin when no time is left", async () => {
      const id = await whenBegun(async (late, timeoutMs) => {
        expect(await codeOf(relay().late({ id: late }, { timeoutMs }))).toBe("DEADLINE_EXCEEDED")
        return (await relay().lateOutcome({ id: late })).begun
      })
      const outcome = await stage.until(async () => (await relay().lateOutcome({ id })).code)
      expect(["DEADLINE_EXCEEDED", "CANCELLED"]).toContain(outcome)
      expect(await echo().hung({ id })).toEqual({ begun: false, aborted: null })
    })

    test("when the caller goes away, and tells the callee", async () => {
      const abort = new AbortController()
      const id = randomUUID()
      const call = codeOf(echo().hang({ id }, { signal: abort.signal }))
      await stage.until(async () => (await echo().hung({ id })).begun)
      abort.abort()
      expect(await call).toBe("CANCELLED")
      expect(await stage.until(async () => (await echo().hung({ id })).aborted)).toBe("CANCELLED")
    })

    test("through a module in the middle", async () => {
      const abort = new AbortController()
      const id = randomUUID()
      const call = codeOf(relay().hang({ id }, { signal: abort.signal }))
      await stage.until(async () => (await echo().hung({ id })).begun)
      abort.abort()
      expect(await call).toBe("CANCELLED")
      expect(await stage.until(async () => (await echo().hung({ id })).aborted)).toBe("CANCELLED")
    })
  })

  test("lets in who declares its use, and for operations that there are", async () => {
    const address = stage.addresses["echo"] ?? stage.addresses["main"]
    const callAs = async (caller: string, operation: string) => {
      const secret = environmentOf()["HANOK_SECRET"] ?? ""
      const token = await signServiceToken({ secret, identity: { name: caller, modules: [caller], uses: [] } })
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
      const response = await fetch(`http://127.0.0.1:${address?.port}/rpc/echo/${operation}`, { method: "POST", headers, body: "{}" })
      return (await response.json()) as { readonly code?: string; readonly detail?: string }
    }
    expect(await callAs("relay", "kept")).toEqual({ list: ["first"] })
    expect(await callAs("echo", "kept")).toMatchObject({
      code: "FORBIDDEN",
      detail: "echo called echo.kept, but does not declare echo in its `uses`.",
    })
    expect(await callAs("relay", "nothing")).toMatchObject({ code: "UNKNOWN_OPERATION" })
  })

  test("brings events once, in order, parsed, in the trace that caused them", async () => {
    const text = `event ${name}`
    const traceparent = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    const calls = [1, 2, 3, 4, 5]
    for (const number of calls) await echo().shout({ text, number }, { traceparent, idempotencyKey: `${text} ${number}` })
    await echo().shout({ text, number: 1 }, { traceparent, idempotencyKey: `${text} 1` })
    await echo().shout({ text, number: 6 }, { traceparent })
    const heard = await stage.until(async () => {
      const all = await relay().heard({ text })
      return all.some(({ number }) => number === 6) && all
    })
    const traceId = "1af7651916cd43dd8448eb211c80319c"
    expect(heard).toEqual([...calls, 6].map((number) => ({ number, volume: 11, traceId })))
    await stage.until(() => stage.eventsOf(echoContract, "shouted").some(({ number }) => number === 6))
    expect(stage.eventsOf(echoContract, "shouted").map(({ number }) => number)).toEqual([...calls, 6])
  })

  // Last: one of them takes the callee away.
  test.each(allowedDifferences)("may differ: $name", async ({ look, inline, remote }) => {
    expect(await look(stage)).toEqual(name === "inline" ? inline : remote)
  })
})

type Echo = ReturnType<typeof clientOfEcho>
const clientOfEcho = (stage: Stage) => stage.client(echoContract)

/** The id of a call that has begun in the time that it had: with ever more of it, for a busy machine needs more than a moment. */
async function whenBegun(attempt: (id: string, timeoutMs: number) => Promise<boolean>): Promise<string> {
  for (let timeoutMs = 50; ; timeoutMs *= 2) {
    const id = randomUUID()
    if (await attempt(id, timeoutMs)) return id
  }
}

/** The id of a call that has begun, and hung until its deadline. */
function hangUntilDeadline(echo: Echo): Promise<string> {
  return whenBegun(async (id, timeoutMs) => {
    expect(await codeOf(echo.hang({ id }, { timeoutMs }))).toBe("DEADLINE_EXCEEDED")
    return (await echo.hung({ id })).begun
  })
}

/** What the callee says has arrived of a value. */
function arrival(echo: Echo, value: unknown): Promise<string> {
  return echo.describe({ value }).then(({ json }) => shortened(json), reasonOf)
}

/** What the caller gets when the callee answers with the value of that name. */
function answer(echo: Echo, kind: string): Promise<string> {
  return echo.give({ kind }).then(({ value }) => shortened(JSON.stringify(value) ?? "nothing"), reasonOf)
}

function shortened(json: string): string {
  return json.length > 80 ? `${json.length} characters` : json
}

function reasonOf(error: unknown): string {
  return isFault(error) ? `${error.code}: ${error.issues[0]?.message}` : String(error)
}

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(() => "done", codeOfError)
}

function codeOfError(error: unknown): string {
  return isFault(error) ? error.code : isRefusal(error) ? error.code : String(error)
}

/** All that a caller can see of an error. */
async function shownOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => new Error("it did not fail"),
    (caught: unknown) => caught,
  )
  if (isFault(error)) {
    const { code, message, hint, retryable, retryAfterMs, issues } = error
    return { code, message, hint, retryable, retryAfterMs, issues }
  }
  if (!isRefusal(error)) return error
  const { code, contract, operation, message, details } = error
  return { refused: code, contract, operation, message, details }
}
