import { array, assert, integer, property, uniqueArray } from "fast-check"
import { expect, test } from "vitest"
import { callersFirst } from "./outline.ts"

const service = (name: string, ...calls: readonly string[]) => ({ name, calls, replicas: { min: 1, max: 1 } })

test("services are stopped before those whom they call", () => {
  const services = [
    service("payment"),
    service("order", "payment", "item"),
    service("gateway", "order", "payment", "item"),
    service("item"),
  ]
  expect(callersFirst(services)).toEqual([["gateway"], ["order"], ["payment", "item"]])
})

test("services that call each other are stopped together", () => {
  expect(callersFirst([service("gift", "order"), service("order", "gift"), service("main", "gift")])).toEqual([["main"], ["gift", "order"]])
})

test("a service whose modules call each other is stopped in its turn", () => {
  expect(callersFirst([service("item"), service("order", "order", "item")])).toEqual([["order"], ["item"]])
})

test("whoever calls whom, each service is in one wave, and none is called from a later one but for circles", () => {
  const name = integer({ min: 0, max: 6 }).map((number) => `s${number}`)
  assert(
    property(uniqueArray(name), array(array(name)), (names, calls) => {
      const services = names.map((one, index) => service(one, ...(calls[index] ?? [])))
      const waves = callersFirst(services)
      expect(waves.flat().toSorted()).toEqual(names.toSorted())
      const waveOf = (one: string) => waves.findIndex((wave) => wave.includes(one))
      const last = waves.length - 1
      for (const { name: caller, calls: called } of services) {
        for (const callee of called.filter((one) => one !== caller && names.includes(one) && waveOf(one) < last)) {
          expect(waveOf(caller)).toBeLessThan(waveOf(callee))
        }
      }
    }),
  )
})
