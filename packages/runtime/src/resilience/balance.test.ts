import { expect, test } from "vitest"
import { chooseByKey, chooseOfTwo } from "./balance.ts"
import type { Candidate } from "./balance.ts"
import { hashOf } from "./rendezvous.ts"
import { ReplicaHealth } from "./replica-health.ts"

interface Named extends Candidate {
  readonly name: string
}

function replica(name: string, latencyMs: number, more: Partial<Candidate> = {}, readySinceMs = -60_000): Named {
  const health = new ReplicaHealth()
  health.becameReady(readySinceMs)
  if (latencyMs > 0) health.answered(0, latencyMs)
  return { name, load: 0, silentMs: 0, health, hash: hashOf(name), ...more }
}

function shares(candidates: readonly Named[], nowMs = 0): Map<string, number> {
  const counts = new Map(candidates.map(({ name }) => [name, 0]))
  for (let call = 0; call < 3_000; call++) {
    const name = chooseOfTwo(candidates, nowMs)?.name ?? ""
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

test("of two the faster and less loaded gets the call", () => {
  expect(shares([replica("fast", 1), replica("slow", 100)]).get("slow")).toBe(0)
  expect(shares([replica("busy", 10, { load: 20 }), replica("idle", 10)]).get("busy")).toBe(0)
  expect(shares([replica("silent", 1, { silentMs: 300 }), replica("well", 50)]).get("silent")).toBe(0)
})

test("among many the slowest gets nothing, and the others share", () => {
  const counts = shares([replica("a", 2), replica("b", 2), replica("c", 2), replica("slow", 200)])
  expect(counts.get("slow")).toBe(0)
  expect(Math.min(counts.get("a") ?? 0, counts.get("b") ?? 0, counts.get("c") ?? 0)).toBeGreaterThan(300)
})

test.each([
  [1, 20],
  [1, 1_000],
  [20, 20],
  [50, 200],
])("a replica that fails at once draws no more calls than one that answers: %i calls a second, of %i ms", (callsPerSecond, answerMs) => {
  const [well, sick] = [replica("well", answerMs), replica("sick", answerMs)]
  const underWay: number[] = []
  let [failed, calls] = [0, 0]
  for (let nowMs = 0; nowMs < 120_000; nowMs += 1_000 / callsPerSecond) {
    while ((underWay[0] ?? nowMs) < nowMs) well.health.answered(underWay.shift() ?? 0, answerMs)
    calls += 1
    if (chooseOfTwo([{ ...well, load: underWay.length }, sick], nowMs)?.name === "well") underWay.push(nowMs + answerMs)
    else {
      failed += 1
      sick.health.failed(nowMs, 1)
    }
  }
  expect(failed).toBeLessThan(calls / 3)
})

test("a replica that was slow is tried again after a while, though nothing was asked of it", () => {
  const slow = replica("slow", 100)
  const well = replica("well", 20)
  well.health.answered(30_000, 20)
  expect(shares([slow, well], 30_000).get("slow")).toBeGreaterThan(0)
})

test("a new replica waits until the others have ten times its load, and half of its start later twice", () => {
  const old = (load: number) => replica("old", 10, { load })
  const fresh = replica("new", 0, {}, 0)
  expect(shares([fresh, old(8)], 0).get("new")).toBe(0)
  expect(shares([fresh, old(10)], 0).get("old")).toBe(0)
  expect(shares([fresh, old(0)], 2_500).get("new")).toBe(0)
  expect(shares([fresh, old(2)], 2_500).get("old")).toBe(0)
})

test("where there is one it gets the call, and where there is none nobody does", () => {
  const only = replica("only", 500, { load: 100 })
  expect([chooseOfTwo([only], 0), chooseOfTwo([], 0), chooseByKey([only], 7), chooseByKey([], 7)]).toEqual([
    only,
    undefined,
    only,
    undefined,
  ])
})

test("keys go to all replicas alike", () => {
  const all = ["a", "b", "c"].map((name) => replica(name, 1))
  const owners = Array.from({ length: 300 }, (_, customer) => chooseByKey(all, hashOf(`customer-${customer}`))?.name)
  for (const { name } of all) expect(owners.filter((owner) => owner === name).length).toBeGreaterThan(60)
})

test("a key keeps its replica while that is there, and another takes it over otherwise", () => {
  const all = ["a", "b", "c"].map((name) => replica(name, 1))
  const first = chooseByKey(all, hashOf("customer-7"))
  expect(chooseByKey(all, hashOf("customer-7"))).toBe(first)
  const second = chooseByKey(
    all.filter((candidate) => candidate !== first),
    hashOf("customer-7"),
  )
  expect(second).toBeDefined()
  expect(second).not.toBe(first)
})

test("an ejected replica stays away for longer each time, and then starts slowly", () => {
  const health = new ReplicaHealth()
  health.becameReady(0)
  health.eject(10_000)
  expect([health.isEjected(11_999), health.isEjected(12_000), health.warmth(12_500)]).toEqual([true, false, 0.1])
  health.eject(20_000)
  expect([health.isEjected(23_999), health.isEjected(24_000)]).toEqual([true, false])
})
