import { command, defineContract, defineModule, defineTopology, event, query } from "@hanok/contract"
import type { Adapter, Job, Module, Reaction } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { createLog } from "../log.ts"
import { memoryStore } from "../memory/store.ts"
import { startService } from "./service.ts"
import type { RunningService } from "./service.ts"

/*
 * What the code of modules does that it should not: it throws what is no error, it never ends. It costs whoever asked for it an
 * answer, and nobody else anything.
 */

const env = {
  HANOK_SECRET: "a secret for the tests of misbehaviour",
  HANOK_GATEWAY_PORT: "0",
  HANOK_LOG_LEVEL: "silent",
  // Nobody listens there; spans are recorded and encoded all the same.
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
}

async function start(modules: readonly Module[], service = "main", apart: readonly string[] = [], discovery = createAddressBook()) {
  const services = Object.fromEntries(apart.map((name) => [name, { modules: [name] }]))
  const running = await startService({ topology: defineTopology({ modules, services }), service, env, discovery })
  onTestFinished(() => running.close({ graceMs: 0 }))
  return running
}

/** The modules in one process, and the same with those named in processes of their own; ready to be asked at the first one's gateway. */
async function bothWays(modules: readonly Module[], apart: readonly string[]): Promise<readonly RunningService[]> {
  const together = await start(modules)
  const others = await Promise.all(apart.map((name) => start(modules, name, apart)))
  const discovery = createAddressBook(Object.fromEntries(others.map(({ service, seamAddress }) => [service, [seamAddress]])))
  const front = await start(modules, "main", apart, discovery)
  await expect.poll(() => front.unready()).toEqual([])
  return [together, front]
}

const thrown: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  null: () => null,
  symbol: () => Symbol("thrown"),
  function: () => () => undefined,
  "an object without a prototype": () => Object.create(null) as unknown,
  "an object that will not be a text": () => ({
    toString() {
      throw new Error("no")
    },
  }),
  "an error whose message will not be read": () => withheld(new Error("x"), "message"),
  "an error whose stack will not be read": () => withheld(new Error("x"), "stack"),
  "a proxy that has been revoked": () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  "a fault whose code throws": () => withheld(Object.assign(new Error("x"), { name: "Fault" }), "code"),
  "an error whose name throws": () => withheld(new Error("x"), "name"),
}

function withheld(error: Error, field: string): Error {
  return Object.defineProperty(error, field, {
    get() {
      throw new Error("no")
    },
  })
}

const ways: Readonly<Record<string, (value: unknown) => unknown>> = {
  "at once": (value) => {
    throw value
  },
  later: async (value) => {
    await new Promise(setImmediate)
    throw value
  },
  "by what is waited for": (value) => ({
    // oxlint-disable-next-line unicorn/no-thenable -- this is what is tested: query builders are such things.
    then() {
      throw value
    },
  }),
  "by what is waited for, twice": (value) => ({
    // oxlint-disable-next-line unicorn/no-thenable -- see above.
    then(_: unknown, reject: (error: unknown) => void) {
      reject(value)
      throw value
    },
  }),
}

const moodContract = defineContract("mood", {
  throwing: query({
    input: z.object({ what: z.string(), way: z.string() }),
    output: z.object({ ok: z.boolean() }),
    access: "public",
    http: "GET /throwing",
  }),
  commanded: command({
    input: z.object({ what: z.string(), way: z.string() }),
    output: z.object({ ok: z.boolean() }),
    access: "public",
    http: "POST /commanded",
  }),
  attributed: query({ input: z.object({}), output: z.object({ ok: z.boolean() }), access: "public", http: "GET /attributed" }),
})

function misbehave({ what, way }: { readonly what: string; readonly way: string }) {
  const value = thrown[what]?.()
  return (what === "fine" ? { ok: true } : ways[way]?.(value)) as { ok: boolean }
}

const moodModule = defineModule({
  contract: moodContract,
  owner: "team-mood",
  handlers: {
    throwing: () => misbehave,
    commanded: () => misbehave,
    attributed: () => async (_, context) => {
      const circle: Record<string, unknown> = {}
      for (let index = 0; index < 200; index++) circle[`again${index}`] = circle
      for (const value of [circle, Object.create(null), Symbol("s"), 2n ** 80n, undefined, [circle]]) {
        // Types do not keep anyone from it.
        const span = context.startSpan("odd", "internal", { odd: value as string })
        span.setAttribute("odd", value as string)
        span.setAttribute(`odd ${typeof value}`, value as string)
        span.end()
      }
      return { ok: true }
    },
  },
})

test("whatever a handler throws, and however, its caller gets the same answer, and the process lives", async () => {
  for (const { gatewayUrl } of await bothWays([moodModule], ["mood"])) {
    const get = (what: string, way: string) => fetch(`${gatewayUrl}/throwing?${new URLSearchParams({ what, way }).toString()}`)
    const post = (what: string, way: string, key: Readonly<Record<string, string>> = {}) =>
      fetch(`${gatewayUrl}/commanded`, {
        method: "POST",
        headers: { "content-type": "application/json", ...key },
        body: JSON.stringify({ what, way }),
      })
    for (const what of Object.keys(thrown)) {
      for (const way of Object.keys(ways)) {
        const answers = [get(what, way), post(what, way), post(what, way, { "idempotency-key": `${what} ${way}`.replaceAll(" ", "-") })]
        for (const answer of await Promise.all(answers)) {
          const { code, detail } = (await answer.json()) as Readonly<Record<string, unknown>>
          expect([what, way, answer.status, code, detail]).toEqual([
            what,
            way,
            500,
            "INTERNAL",
            expect.stringMatching(/^mood\.(throwing|commanded) failed\.$/),
          ])
        }
      }
    }
    expect((await get("fine", "")).status).toBe(200)
  }
})

test("whatever a handler records of its work, it is recorded, and the process lives", async () => {
  for (const { gatewayUrl } of await bothWays([moodModule], ["mood"])) {
    // What has been recorded is encoded when the service closes, at the latest.
    expect((await fetch(`${gatewayUrl}/attributed`)).status).toBe(200)
  }
})

const storeOf = () => memoryStore({ tables: () => ({}), read: () => ({}), write: () => ({}) })
const never = () => new Promise<never>(() => undefined)

const bellContract = defineContract("bell", {
  ring: command({ input: z.object({ tone: z.string() }), output: z.object({}), access: "public", http: "POST /ring" }),
  rung: event(z.object({ tone: z.string() })),
})
const bellModule = defineModule({
  contract: bellContract,
  owner: "team-bell",
  needs: { store: storeOf() },
  handlers: {
    ring:
      ({ store, events }) =>
      async ({ tone }, context) => {
        await store.transaction(context, (tx) => events.rung(tx, { tone }, context))
        return {}
      },
  },
})

const earContract = defineContract("ear", {})

/** Listens to the bell, never ends what it does about a low tone, and tells of the others. */
function earModule(heard: string[], jobs: Readonly<Record<string, Job<unknown>>> = {}): Module {
  const onRung =
    (): Reaction<typeof bellContract, "rung"> =>
    async ({ tone }) => {
      if (tone === "low") return never()
      heard.push(tone)
    }
  return defineModule({
    contract: earContract,
    owner: "team-ear",
    listens: { bell: bellContract },
    handlers: {},
    reactions: { bell: { rung: onRung } },
    jobs,
  })
}

async function ring({ gatewayUrl }: RunningService, tone: string): Promise<void> {
  const headers = { "content-type": "application/json" }
  const { status } = await fetch(`${gatewayUrl}/ring`, { method: "POST", headers, body: JSON.stringify({ tone }) })
  expect(status).toBe(200)
}

test("reactions that never end make room for others when their time is over, and hold no place at their process's gate", async () => {
  const heard: string[] = []
  const modules = [bellModule, earModule(heard)]
  const together = await start(modules)
  const discovery = createAddressBook()
  const ear = await start(modules, "ear", ["ear"])
  discovery.update({ ear: [ear.seamAddress] })
  const front = await start(modules, "main", ["ear"], discovery)
  for (const running of [together, front]) {
    await expect.poll(() => running.unready()).toEqual([])
    // More than a relay has under way at once.
    await Promise.all(Array.from({ length: 40 }, () => ring(running, "low")))
    await ring(running, "high")
  }
  await expect.poll(() => heard, { timeout: 25_000, interval: 200 }).toEqual(["high", "high"])
  await expect.poll(() => ear.load().inFlight, { timeout: 25_000, interval: 50 }).toBeLessThan(40)
})

test("a service closes when its grace is over, whatever its reactions and jobs do", async () => {
  const heard: string[] = []
  let begun = 0
  const endless: Job<unknown> = { everyMs: 20, run: () => () => (begun++, never()) }
  const running = await start([bellModule, earModule(heard, { endless })])
  await ring(running, "low")
  await ring(running, "high")
  await expect.poll(() => [begun, heard]).toEqual([1, ["high"]])
  await running.close({ graceMs: 50 })
})

const vaultContract = defineContract("vault", {
  hold: command({ input: z.object({}), output: z.object({}), access: "public", http: "POST /hold", timeoutMs: 200 }),
  put: command({ input: z.object({}), output: z.object({}), access: "public", http: "POST /put" }),
})

test("a transaction that never ends lets the next one begin when its caller's time is over", async () => {
  const vault = defineModule({
    contract: vaultContract,
    owner: "team-vault",
    needs: { store: storeOf() },
    handlers: {
      hold: (ports) => (_, context) => ports.store.transaction(context, never),
      put: (ports) => (_, context) => ports.store.transaction(context, async () => ({})),
    },
  })
  const { gatewayUrl } = await start([vault])
  const post = (path: string) =>
    fetch(`${gatewayUrl}${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })
  const statuses = await Promise.all(["/hold", "/put", "/put"].map(async (path) => (await post(path)).status))
  expect(statuses).toEqual([504, 200, 200])
})

test("a need that does not close, or cannot be closed, keeps neither the others from closing nor its service from its end, and is told", async () => {
  const closed: string[] = []
  const needOf = (name: string, close: () => Promise<void>): Adapter<object> => ({
    kind: "adapter",
    technology: name,
    create: async () => ({ port: {}, close }),
  })
  const needs = {
    hanging: needOf("a pool with a connection that nobody gives back", never),
    throwing: needOf("what was never opened", () => {
      throw new Error("it is not open")
    }),
    rejecting: needOf("what has lost its server", () => Promise.reject(new Error("connection lost"))),
    last: needOf("a file", async () => void closed.push("last")),
  }
  const lines: string[] = []
  const log = createLog({ service: "main", instance: "1", destination: { write: (line) => void lines.push(line) } })
  const module = defineModule({ contract: earContract, owner: "team-ear", needs, handlers: {} })
  const topology = defineTopology({ modules: [module] })
  const running = await startService({ topology, service: "main", env, discovery: createAddressBook(), log })
  await running.close({ graceMs: 0 })
  expect(closed).toEqual(["last"])
  const told = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>).filter(({ need }) => need !== undefined)
  expect(told.map(({ level, need, error }) => [level, need, String(error).split("\n")[0]])).toEqual([
    [40, "ear.throwing", "Error: it is not open"],
    [40, "ear.rejecting", "Error: connection lost"],
    [40, "ear.hanging", "it did not close within 2000 ms"],
  ])
})

test("a need that never says whether it is ready is named at both doors, and why to services only", async () => {
  const clock: Adapter<object> = { kind: "adapter", technology: "clock", create: async () => ({ port: {}, ready: never }) }
  const handlers = { hold: () => never, put: () => never }
  const { gatewayUrl, seamAddress } = await start([
    defineModule({ contract: vaultContract, owner: "team-vault", needs: { clock }, handlers }),
  ])
  for (const [door, line] of [
    [gatewayUrl, "vault.clock"],
    [`http://${seamAddress.host}:${seamAddress.port}`, "vault.clock: no answer within 2000 ms"],
  ]) {
    const answer = await fetch(`${door}/health/ready`)
    expect([answer.status, await answer.json()]).toMatchObject([503, { missing: [line] }])
  }
})

// The first is compiled, the second left to the library.
const texts = {
  refined: z.string().refine((text) => JSON.parse(text) !== undefined),
  superRefined: z.string().superRefine((text) => JSON.parse(text) as void),
}
const checkedContract = defineContract("checked", {
  refined: query({ input: z.object({ text: texts.refined }), output: z.string(), access: "public", http: "GET /refined" }),
  superRefined: query({ input: z.object({ text: texts.superRefined }), output: z.string(), access: "public", http: "GET /super-refined" }),
  answered: query({ input: z.object({}), output: texts.superRefined, access: "public", http: "GET /answered" }),
})
const checkedModule = defineModule({
  contract: checkedContract,
  owner: "team-checked",
  handlers: {
    refined:
      () =>
      ({ text }) =>
        text,
    superRefined:
      () =>
      ({ text }) =>
        text,
    answered: () => () => "{",
  },
})

test("a check of a schema that throws costs its caller an answer, and the process lives", async () => {
  const rejected: unknown[] = []
  const note = (reason: unknown) => void rejected.push(reason)
  process.on("unhandledRejection", note)
  onTestFinished(() => void process.off("unhandledRejection", note))
  for (const { gatewayUrl } of await bothWays([checkedModule], ["checked"])) {
    for (const path of ["refined?text={", "super-refined?text={", "answered"]) {
      const response = await fetch(`${gatewayUrl}/${path}`)
      expect([path, response.status, await response.json()]).toMatchObject([path, 500, { code: "INTERNAL" }])
    }
    const response = await fetch(`${gatewayUrl}/refined?text=1`)
    expect([response.status, await response.json()]).toEqual([200, "1"])
  }
  expect(rejected).toEqual([])
})
