import { expect, test } from "vitest"
import { topologyWith } from "./fixture.ts"
import { graphOf } from "./graph.ts"
import { renderMermaid } from "./render-mermaid.ts"
import { renderText } from "./render-text.ts"

const graph = graphOf(topologyWith({ gift: { modules: ["gift"], replicas: 3 } }))

test("as text, the graph says by service who calls and hears whom, and what crosses processes", () => {
  expect(renderText(graph)).toBe(`test: 3 modules in 2 services, 2 seams across processes

service main  (1 replica, gateway)
  order   team-order; 1 query, 1 command, 1 event
  mail    team-mail; 1 query
          calls stock?

service gift  (3 replicas)
  gift    team-gift; 1 query
          calls order*
          hears order*: orderPaid

* in another process
? owned by no module of this topology`)
})

test("long lists are wrapped at eighty columns", () => {
  const calls = Array.from({ length: 30 }, (_, number) => ({ from: "order", to: `neighbour${number}`, placement: "remote" as const }))
  const text = renderText({ ...graph, calls })
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(text).toContain("neighbour29*")
  const events = Array.from({ length: 30 }, (_, number) => `somethingHappened${number}`)
  const listens = [{ from: "order", to: "gift", placement: "inline" as const, events }]
  expect(
    Math.max(
      ...renderText({ ...graph, listens })
        .split("\n")
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(80)
})

// Parsed by Mermaid 11 when it was written down.
test("as Mermaid, services are subgraphs, calls arrows and events dotted arrows", () => {
  expect(renderMermaid(graph)).toBe(`flowchart LR
  subgraph service_m_main["main"]
    gateway_m_main([gateway])
    m_order["order<br/>team-order"]
    m_mail["mail<br/>team-mail"]
  end
  subgraph service_m_gift["gift × 3"]
    m_gift["gift<br/>team-gift"]
  end
  m_stock["stock (not in this topology)"]:::absent
  m_gift ==> m_order
  m_mail --> m_stock
  m_order -.->|"orderPaid"| m_gift
  classDef absent stroke-dasharray: 4`)
})
