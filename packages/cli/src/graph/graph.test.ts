import { expect, test } from "vitest"
import { topologyWith } from "./fixture.ts"
import { graphOf } from "./graph.ts"

test("a module is told with its owner, its service and what it offers", () => {
  expect(graphOf(topologyWith({})).modules[0]).toEqual({
    name: "order",
    owner: "team-order",
    service: "main",
    queries: ["orderById"],
    commands: ["placeOrder"],
    events: ["orderPaid"],
    needs: {},
  })
})

test("a seam is inline as long as both ends live in one service", () => {
  const { calls, listens } = graphOf(topologyWith({}))
  expect(calls[0]).toEqual({ from: "gift", to: "order", placement: "inline" })
  expect(listens).toEqual([{ from: "order", to: "gift", events: ["orderPaid"], placement: "inline" }])
})

test("a seam is remote once one end has moved out", () => {
  const { calls, listens, services } = graphOf(topologyWith({ gift: { modules: ["gift"], replicas: { min: 1, max: 4 } } }))
  expect([calls[0]?.placement, listens[0]?.placement]).toEqual(["remote", "remote"])
  expect(services).toMatchObject([
    { name: "main", modules: ["order", "mail"], gateway: true },
    { name: "gift", modules: ["gift"], replicas: { min: 1, max: 4 }, gateway: false },
  ])
})

test("a seam whose other end nobody owns is absent", () => {
  expect(graphOf(topologyWith({})).calls[1]).toEqual({ from: "mail", to: "stock", placement: "absent" })
})
