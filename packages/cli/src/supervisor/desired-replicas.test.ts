import { array, assert, double, integer, property, record } from "fast-check"
import { expect, test } from "vitest"
import { defaultScaling, desiredReplicas } from "./desired-replicas.ts"
import type { DemandSample, ScalingSettings } from "./desired-replicas.ts"

const settings: ScalingSettings = { ...defaultScaling, min: 1, max: 8 }

function constant(demand: number, forMs: number): readonly DemandSample[] {
  return Array.from({ length: forMs / 500 + 1 }, (_, index) => ({ atMs: index * 500, demand }))
}

test("a service that is busy for a few seconds gets as many replicas as its load needs", () => {
  expect(desiredReplicas(constant(2, settings.outAfterMs), 1, settings)).toBe(4)
})

test("a moment of load changes nothing", () => {
  expect(desiredReplicas(constant(2, settings.outAfterMs - 500), 1, settings)).toBe(1)
  const spike = [...constant(0.1, 2_500), { atMs: 3_000, demand: 5 }]
  expect(desiredReplicas(spike, 1, settings)).toBe(1)
})

test("replicas leave one at a time, and only after a long quiet", () => {
  expect(desiredReplicas(constant(0.1, settings.inAfterMs - 500), 4, settings)).toBe(4)
  expect(desiredReplicas(constant(0.1, settings.inAfterMs), 4, settings)).toBe(3)
})

test("a moment of quiet lets nobody leave", () => {
  const dip = [...constant(2, settings.inAfterMs - 500), { atMs: settings.inAfterMs, demand: 0.1 }]
  expect(desiredReplicas(dip, 4, settings)).toBe(4)
})

test("a load between the target and what fewer replicas could carry with room to spare changes nothing", () => {
  expect(desiredReplicas(constant(settings.target * 1.9, settings.inAfterMs), 2, settings)).toBe(2)
  expect(desiredReplicas(constant(settings.target * 0.95, settings.inAfterMs), 2, settings)).toBe(2)
  expect(desiredReplicas(constant(settings.target * 0.75, settings.inAfterMs), 2, settings)).toBe(1)
})

test("nothing known changes nothing, unless there are too few or too many", () => {
  expect(desiredReplicas([], 3, settings)).toBe(3)
  expect(desiredReplicas([], 0, settings)).toBe(1)
  expect(desiredReplicas([], 9, settings)).toBe(8)
})

const anySettings = record({
  min: integer({ min: 1, max: 5 }),
  more: integer({ min: 0, max: 10 }),
  target: double({ min: 0.1, max: 1, noNaN: true }),
  slack: double({ min: 0, max: 0.9, noNaN: true }),
}).map(settingsOf)
const anyDemand = double({ min: 0, max: 30, noNaN: true })
const anyHistory = array(record({ stepMs: integer({ min: 1, max: 5_000 }), demand: anyDemand }), { maxLength: 60, size: "max" }).map(
  historyOf,
)

test("it stays within its limits, whatever the load", () => {
  assert(
    property(anyHistory, integer({ min: 0, max: 30 }), anySettings, (history, current, limits) => {
      const desired = desiredReplicas(history, current, limits)
      expect(desired).toBeGreaterThanOrEqual(limits.min)
      expect(desired).toBeLessThanOrEqual(limits.max)
    }),
  )
})

test("more load never gives fewer replicas", () => {
  assert(
    property(
      anyHistory,
      array(anyDemand, { minLength: 60 }),
      integer({ min: 0, max: 30 }),
      anySettings,
      (history, more, current, limits) => {
        const heavier = history.map(({ atMs, demand }, index) => ({ atMs, demand: demand + (more[index] ?? 0) }))
        expect(desiredReplicas(heavier, current, limits)).toBeGreaterThanOrEqual(desiredReplicas(history, current, limits))
      },
    ),
  )
})

// Each replica is at most fully busy, and costs something by being there: what is measured grows with their number.
test("a load that stays the same brings it to rest, without going to and fro", () => {
  const anyOverhead = double({ min: 0, max: 0.05, noNaN: true })
  assert(
    property(anyDemand, anyOverhead, integer({ min: 1, max: 15 }), anySettings, (work, overhead, start, limits) => {
      const sizes = [start]
      for (let step = 0; step < 40; step++) {
        const current = sizes.at(-1) ?? start
        sizes.push(desiredReplicas(constant(Math.min(work + overhead * current, current), limits.inAfterMs), current, limits))
      }
      const turns = sizes
        .slice(2)
        .filter((size, index) => Math.sign(size - (sizes[index + 1] ?? 0)) * Math.sign((sizes[index + 1] ?? 0) - (sizes[index] ?? 0)) < 0)
      expect(sizes.at(-1)).toBe(sizes.at(-2))
      expect(turns).toEqual([])
    }),
  )
})

interface Limits {
  readonly min: number
  readonly more: number
  readonly target: number
  readonly slack: number
}

function settingsOf({ min, more, target, slack }: Limits): ScalingSettings {
  return { ...defaultScaling, min, max: min + more, target, slack }
}

function historyOf(steps: readonly { readonly stepMs: number; readonly demand: number }[]): readonly DemandSample[] {
  let atMs = 0
  return steps.map(({ stepMs, demand }) => ({ atMs: (atMs += stepMs), demand }))
}
