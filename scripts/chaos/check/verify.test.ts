import { array, assert, constantFrom, nat, property } from "fast-check"
import { expect, test } from "vitest"
import { damages } from "./damage.fixture.ts"
import { tallyOf } from "./finding.ts"
import { verify } from "./verify.ts"
import { courses, worldOf } from "./world.fixture.ts"

// Each course twice, so that there is something of everything to damage, then any others.
const anyWorld = array(constantFrom(...courses), { maxLength: 20 }).map((more) => worldOf([...courses, ...courses.toReversed(), ...more]))

test("nothing is found where every promise was kept", () => {
  assert(
    property(anyWorld, ({ promised, facts }) => {
      expect(verify(promised, facts)).toEqual([])
    }),
  )
})

test.each(damages)("it is found when $name", ({ measure, done }) => {
  assert(
    property(anyWorld, nat(), (world, pick) => {
      const damaged = done(world, pick)
      if (!damaged) throw new Error("The world has nothing of it.")
      expect(tallyOf(verify(damaged.promised, damaged.facts))[measure]).toBeGreaterThan(0)
    }),
    { numRuns: 30 },
  )
})

test("money is counted in cents, and stock in pieces", () => {
  const { promised, facts } = worldOf(["paid"])
  const charges = facts.charges.map((charge) => ({ ...charge, amountCents: charge.amountCents + 7 }))
  const levels = facts.levels.map((level) => ({ ...level, available: level.available - 3 }))
  const tally = tallyOf(verify(promised, { ...facts, charges, levels, shown: { ...facts.shown, levels } }))
  expect([tally.money_off_cents, tally.stock_off]).toEqual([7, 3])
})
