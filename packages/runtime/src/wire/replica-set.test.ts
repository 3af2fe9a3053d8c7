import { expect, test } from "vitest"
import { addressText } from "../discovery/address.ts"
import { now } from "../recorder/clock.ts"
import { SeamState } from "../resilience/seam-state.ts"
import { anyReplica } from "../seam/attempt.ts"
import type { Preference } from "../seam/attempt.ts"
import { callerOf, callOf, echoing, serve } from "./fixture.ts"
import { ReplicaSet } from "./replica-set.ts"
import type { Replica } from "./replica.ts"

/** That many replicas of `echo`, ready long ago, and what a module's calls to them have taught. */
async function replicas(count: number) {
  const servers = await Promise.all(Array.from({ length: count }, () => serve(echoing)))
  const seam = callerOf(servers)
  await expect.poll(() => seam.ready).toBe(count)
  const warnings: unknown[] = []
  const silent = { debug: () => undefined, info: () => undefined, error: () => undefined }
  const set = new ReplicaSet("echo", { ...silent, warn: (_, fields) => warnings.push(fields) })
  const all = [...seam.replicas]
  const addresses = servers.map(({ address }) => address)
  const found = (name: string) => all.find((replica) => replica.name === name) ?? expect.fail(name)
  set.update(addresses, (address) => found(addressText(address)))
  const state = new SeamState("order", "echo", now())
  const nowMs = now() + 10_000
  const chosen = (preference: Preference = anyReplica) => {
    const names = Array.from({ length: 40 }, () => set.choose(callOf({}), state, preference, nowMs)?.name)
    return [...new Set(names)].toSorted()
  }
  const open = ({ name }: Replica) => {
    for (let call = 0; call < 10; call++) state.breakerOf(name).failed(nowMs, "closed")
  }
  return { set, all, state, nowMs, chosen, open, warnings }
}

const named = (...some: readonly (Replica | undefined)[]) => some.map((replica) => replica?.name).toSorted()

test("calls go to all that take them, and to none whose breaker is open", async () => {
  const { set, all, chosen, open } = await replicas(3)
  const [first, second, third] = all
  if (!first || !second || !third) return expect.fail()
  expect(chosen()).toEqual(named(first, second, third))
  expect(set.whyNone(callOf({}))?.code).toBe("UNAVAILABLE")
  open(first)
  expect(chosen()).toEqual(named(second, third))
  expect(chosen({ avoid: second.name, keyHash: undefined })).toEqual(named(third))
  open(third)
  expect(chosen({ avoid: second.name, keyHash: undefined })).toEqual(named(second))
  open(second)
  expect(chosen()).toEqual([undefined])
})

test("one that is out of use gets calls only when no other takes them, also those whose key is its own", async () => {
  const { all, nowMs, chosen, open } = await replicas(2)
  const [out, well] = all
  if (!out || !well) return expect.fail()
  const keys = Array.from({ length: 20 }, (_, keyHash) => keyHash * 0x1000_0001)
  const owned = keys.map((keyHash) => chosen({ avoid: undefined, keyHash }))
  expect(new Set(owned.flat())).toEqual(new Set([out.name, well.name]))
  expect(owned.every(({ length }) => length === 1)).toBe(true)
  out.health.eject(nowMs)
  // It would be the better one.
  well.health.answered(nowMs, 10_000)
  expect(chosen()).toEqual([well.name])
  for (const keyHash of keys) expect(chosen({ avoid: undefined, keyHash })).toEqual([well.name])
  open(well)
  expect(chosen()).toEqual([out.name])
})

test("a key whose replica has answered none of its few calls of late has another one, as long as there is one that answers", async () => {
  const { all, nowMs, chosen } = await replicas(2)
  const [silent, well] = all
  if (!silent || !well) return expect.fail()
  const keys = Array.from({ length: 20 }, (_, keyHash) => keyHash * 0x1000_0001)
  const chosenByKeys = () => keys.map((keyHash) => chosen({ avoid: undefined, keyHash }))
  const owned = chosenByKeys()
  const fail = ({ health }: Replica) => health.failed(nowMs, 4)
  fail(silent)
  expect(chosenByKeys()).toEqual(owned)
  fail(silent)
  expect(new Set(chosenByKeys().flat())).toEqual(new Set([well.name]))
  for (let call = 0; call < 2; call++) fail(well)
  expect(chosenByKeys()).toEqual(owned)
})

test("another than that one is one which is not out of use, and whose breaker is not open", async () => {
  const { set, all, state, nowMs, open } = await replicas(3)
  const [one, out, stopped] = all
  if (!one || !out || !stopped) return expect.fail()
  expect(set.hasOther(state, one.name, nowMs)).toBe(true)
  out.health.eject(nowMs)
  open(stopped)
  expect([set.hasOther(state, one.name, nowMs), set.hasOther(state, out.name, nowMs), set.hasOther(state, undefined, nowMs)]).toEqual([
    false,
    true,
    true,
  ])
})

test("one that is far off the others is put out of use, and that is told with what it did", async () => {
  const { set, all, state, nowMs, warnings } = await replicas(3)
  const [first, second, bad] = all
  if (!first || !second || !bad) return expect.fail()
  for (let call = 0; call < 20; call++) {
    for (const replica of [first, second]) replica.health.answered(nowMs, 4)
    bad.health.failed(nowMs, 8)
  }
  set.choose(callOf({}), state, anyReplica, nowMs)
  expect([first, second, bad].map(({ health }) => health.isEjected(nowMs))).toEqual([false, false, true])
  expect(warnings).toEqual([{ callee: "echo", replica: bad.name, calls: 20, failures: 20, typicalMs: 0 }])
})

test("where there is nobody nothing is said against anybody", async () => {
  const { set, chosen } = await replicas(0)
  expect([chosen(), set.whyNone(callOf({})), set.ready]).toEqual([[undefined], undefined, []])
})
