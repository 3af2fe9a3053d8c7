import { defineContract, defineModule, defineTopology, Fault, query } from "@hanok/contract"
import type { Module } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import type { Address } from "../discovery/address.ts"
import { createAddressBook } from "../discovery/address-book.ts"
import { startService } from "../host/service.ts"
import type { RunningService } from "../host/service.ts"
import { createLog } from "../log.ts"

const contractOf = (name: string) => defineContract(name, { ask: query({ input: z.object({}), output: z.object({}) }) })

const edge = defineContract("edge", {
  ask: query({ input: z.object({}), output: z.object({}), http: "GET /ask", access: "public" }),
})
const names = ["first", "second", "third", "last"]

/** A gateway and four services, each of which calls the next; the last one does as it is told. A request, and how often each was called for it. */
async function chain(last: () => Record<string, never>, { isThere = true, isApart = true } = {}) {
  const calls: string[] = []
  const modules = names.map((name, index) => linkOf(name, names[index + 1], calls, last))
  const edgeModule = defineModule({
    contract: edge,
    owner: "team",
    uses: { next: contractOf("first") },
    handlers: {
      ask:
        ({ next }) =>
        (_, context) =>
          next.ask({}, context),
    },
  })
  const logged: string[] = []
  const services = isApart ? Object.fromEntries(names.map((name) => [name, { modules: [name] }])) : {}
  const topology = defineTopology({ modules: [edgeModule, ...modules], services, gateway: { port: 0 } })
  const book = createAddressBook()
  const known: Record<string, readonly Address[]> = {}
  const running: RunningService[] = []
  for (const { name: service } of topology.services) {
    const env = { HANOK_SECRET: "a secret for this test alone, 32 characters", OTEL_SDK_DISABLED: "true" }
    const log = createLog({ service, instance: "1", level: "warn", destination: { write: (line) => void logged.push(line) } })
    const one = await startService({ topology, service, env, discovery: book, log })
    onTestFinished(() => one.close({ graceMs: 0 }))
    running.push(one)
    if (isThere || service !== "last") known[service] = [one.seamAddress]
  }
  book.update(known)
  const isConnected = () => running.every((one) => one.metrics().replicas.every(({ isReady }) => isReady))
  await expect.poll(isConnected).toBe(true)
  // What it answers an error with.
  const ask = async () => (await (await fetch(`${running[0]?.gatewayUrl}/ask`)).json()) as { readonly code?: string }
  return { ask, calls, logged }
}

function linkOf(name: string, next: string | undefined, calls: string[], last: () => Record<string, never>): Module {
  const note = () => calls.push(name)
  const contract = contractOf(name)
  if (next === undefined) return defineModule({ contract, owner: "team", handlers: { ask: () => () => (note(), last()) } })
  return defineModule({
    contract,
    owner: "team",
    uses: { next: contractOf(next) },
    handlers: {
      ask:
        ({ next: further }) =>
        (_, context) => {
          note()
          return further.ask({}, context)
        },
    },
  })
}

test.each(["UNAVAILABLE", "OVERLOADED"] as const)(
  "what fails with %s at the end of a chain of services is repeated by the one that called it, and not by those before it",
  async (code) => {
    const { ask, calls } = await chain(() => {
      throw new Fault(code, "The printer is out of paper.")
    })
    expect(await ask()).toMatchObject({ code })
    expect(calls).toEqual(["first", "second", "third", "last", "last", "last", "last"])
  },
)

test("a service that is away is waited for once, by the one that calls it", async () => {
  const { ask, calls } = await chain(() => ({}), { isThere: false })
  expect(await ask()).toMatchObject({ code: "UNAVAILABLE" })
  expect(calls).toEqual(["first", "second", "third"])
})

test("the end of a chain of services that answers in the end has been asked by nobody but the one before it", async () => {
  const { ask, calls } = await chain(() => {
    if (calls.filter((name) => name === "last").length < 3) throw new Fault("UNAVAILABLE", "The printer is out of paper.")
    return {}
  })
  expect(await ask()).toEqual({})
  expect(calls).toEqual(["first", "second", "third", "last", "last", "last"])
})

test.each([true, false])(
  "a fault is an error in the log of the module where it arose, and in each one on its way a warning that names whose it was (apart: %s)",
  async (isApart) => {
    const { ask, logged } = await chain(
      () => {
        throw new TypeError("The printer is a toaster.")
      },
      { isApart },
    )
    expect(await ask()).toMatchObject({ code: "INTERNAL" })
    const lines = logged.map((line) => JSON.parse(line) as { readonly level: number; readonly msg: string; readonly error: string })
    expect(lines.map(({ level, msg, error }) => [level, msg, error.split("\n", 1)[0]])).toEqual([
      [50, "last.ask failed.", "TypeError: The printer is a toaster."],
      [40, "third.ask failed.", "last.ask failed."],
      [40, "second.ask failed.", "third.ask failed."],
      [40, "first.ask failed.", "second.ask failed."],
      [40, "edge.ask failed.", "first.ask failed."],
    ])
    expect(lines[0]?.error).toContain("chain.test.ts")
  },
)
