import { expect, test } from "vitest"
import { moveBack, moveOut, writtenServices } from "./move-module.ts"

const withServices = (services: string) => `export default defineTopology({\n  modules,\n  services: ${services},\n})\n`

test("the first module to move out makes the services, behind the modules", () => {
  expect(moveOut(`export default defineTopology({\n  modules,\n  gateway: { port: 1 }\n})`, { module: "gift", service: "gift" })).toBe(
    `export default defineTopology({\n  modules,\n  services: { gift: { modules: ["gift"] } },\n  gateway: { port: 1 }\n})`,
  )
})

test("a service whose name is no identifier is quoted, as the file quotes", () => {
  const text = `import { defineTopology } from '@hanok/contract'\nexport default defineTopology({ modules })`
  expect(moveOut(text, { module: "gift-card", service: "gift-card", replicas: "3" })).toContain(
    `services: { 'gift-card': { modules: ['gift-card'], replicas: 3 } }`,
  )
})

test("a module joins a service that is there, and changes its replicas only when told to", () => {
  const text = withServices(`{ goods: { modules: ["item"], replicas: 2 } }`)
  expect(moveOut(text, { module: "gift", service: "goods" })).toBe(withServices(`{ goods: { modules: ["item", "gift"], replicas: 2 } }`))
  expect(moveOut(text, { module: "item", service: "goods", replicas: "5" })).toBe(
    withServices(`{ goods: { modules: ["item"], replicas: 5 } }`),
  )
})

test("replicas that are a constant's name alone are written out when there are to be others", () => {
  const text = (replicas: string) => `const replicas = 3\n${withServices(`{ gift: { modules: ["gift"], ${replicas} } }`)}`
  expect(moveOut(text("replicas"), { module: "gift", service: "gift", replicas: "5" })).toBe(text("replicas: 5"))
})

test("moving where a module already is changes nothing", () => {
  const text = withServices(`{ gift: { modules: ["gift"] } }`)
  expect(moveOut(text, { module: "gift", service: "gift" })).toBe(text)
  expect(moveBack(text, "order")).toBe(text)
})

test("with the last module its service goes, and with the last service the services", () => {
  const text = withServices(`{ a: { modules: ["item", "gift"] }, b: { modules: ["order"] } }`)
  const fewer = moveBack(moveBack(text, "item"), "order")
  expect(fewer).toBe(withServices(`{ a: { modules: ["gift"] } }`))
  expect(moveBack(fewer, "gift")).toBe(`export default defineTopology({\n  modules,\n})\n`)
})

test.each([
  [`{ main: { modules: ["gift"], replicas: 3 } }`, `{ main: { modules: [], replicas: 3 } }`, "modules"],
  [`{ edge: { modules: ["gift"], replicas: 3 } }`, `{ edge: { modules: [], replicas: 3 } }`, `modules, gateway: { service: "edge" }`],
])("a service that has something to do without modules keeps its replicas: %s", (before, after, options) => {
  const text = (services: string) => withServices(services).replace("modules,", `${options},`)
  expect(moveBack(text(before), "gift")).toBe(text(after))
  expect(writtenServices(moveOut(text(before), { module: "gift", service: "gift" }))).toEqual(new Map([["gift", "gift"]]))
})

test("comments beside what goes stay", () => {
  const text = `export default defineTopology({\n  modules,\n  services: { gift: { modules: ["gift"] } }, // the rest stays\n})\n`
  expect(moveBack(text, "gift")).toBe(`export default defineTopology({\n  modules,\n  // the rest stays\n})\n`)
  expect(moveBack(withServices(`{\n    // hot in summer\n    gift: { modules: ["gift"] }, // and in winter\n  }`), "gift")).toBe(
    withServices(`{\n    // hot in summer\n    // and in winter\n  }`),
  )
})

test.each(["\n", "\r\n"])(
  "of the empty lines around what goes, no more stay than there would be without it, with line breaks as %j",
  (newline) => {
    const text = (lines: string) => `export default defineTopology({\n${lines}\n})\n`.replaceAll("\n", newline)
    const services = `  services: { gift: { modules: ["gift"] } },`
    expect(moveBack(text(`  modules,\n\n${services}\n\n  gateway,`), "gift")).toBe(text("  modules,\n\n  gateway,"))
    expect(moveBack(text(`${services}\n\n  modules,`), "gift")).toBe(text("  modules,"))
    expect(moveBack(text(`  modules,\n\n${services}`), "gift")).toBe(text("  modules,"))
    expect(moveBack(text(`  modules,\n\n  // hot\n${services}\n\n  gateway,`), "gift")).toBe(text("  modules,\n\n  // hot\n\n  gateway,"))
    expect(moveBack(text(`  modules,\n${services}\n\n  gateway,`), "gift")).toBe(text("  modules,\n\n  gateway,"))
    expect(moveBack(text(`  modules,\n\n${services}\n  gateway,`), "gift")).toBe(text("  modules,\n\n  gateway,"))
  },
)

test("services in a constant of their own are emptied, and filled again", () => {
  const text = (services: string) => `const services = ${services}\nexport default defineTopology({ modules, services })\n`
  expect(moveBack(text(`{\n  gift: { modules: ["gift"] },\n}`), "gift")).toBe(text("{}"))
  expect(moveOut(text("{}"), { module: "gift", service: "gift" })).toBe(text(`{ gift: { modules: ["gift"] } }`))
})

test("what shares a line gets its new neighbour in it", () => {
  const text = (options: string) => `export default defineTopology({${options}})\n`
  const services = `services: { gift: { modules: ["gift"] } },`
  const move = { module: "gift", service: "gift" }
  expect(moveOut(text(` modules, // all\n`), move)).toBe(text(` modules, ${services} // all\n`))
  expect(moveOut(text(`\n  modules, ...others,\n`), move)).toBe(text(`\n  modules, ${services} ...others,\n`))
  expect(moveOut(text(`\n  modules, /* one\n   of two */ ...others,\n`), move)).toBe(
    text(`\n  modules, ${services} /* one\n   of two */ ...others,\n`),
  )
})

test("services that are empty, or hold a comment only, are filled", () => {
  expect(moveOut(withServices("{}"), { module: "gift", service: "gift" })).toBe(withServices(`{ gift: { modules: ["gift"] } }`))
  expect(moveOut(withServices("{\n    // none yet\n  }"), { module: "gift", service: "gift" })).toBe(
    withServices(`{\n    // none yet\n    gift: { modules: ["gift"] },\n  }`),
  )
})

test("the written services are told by module", () => {
  expect(writtenServices(withServices(`{ a: { modules: ["item", "gift"] }, "b": { modules: ["order"] } }`))).toEqual(
    new Map([
      ["item", "a"],
      ["gift", "a"],
      ["order", "b"],
    ]),
  )
})

test.each([
  ["defineTopology({\n modules,\n services: Object.fromEntries(names) })", 3, "builds its services by code"],
  ["defineTopology({ modules,\n services: { ...others } })", 2, "takes some of its services from elsewhere"],
  ["defineTopology({ modules, services: { [name]: { modules: [] } } })", 1, "builds one of its services by code"],
  ["defineTopology({ modules, services: { a: { modules: names } } })", 1, "builds the modules of the service a by code"],
  ["defineTopology({ modules, services: { a: { modules: [name] } } })", 1, "builds the modules of the service a by code"],
  ["\ndefineTopology(await read())", 2, "gives defineTopology something other than an object written out in this file"],
  ["export default topology", 1, "has no call of defineTopology"],
  ["defineTopology({})\ndefineTopology({})", 2, "calls defineTopology more than once"],
  ["\n\nconst = 1", 3, "cannot be parsed"],
])("%j is not edited, and it is said why", (text, line, message) => {
  const move = () => moveOut(text, { module: "gift", service: "gift" })
  expect(move).toThrow(message)
  expect(move).toThrow(expect.objectContaining({ line }))
})
