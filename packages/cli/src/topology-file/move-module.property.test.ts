import * as fc from "fast-check"
import { parseSync } from "oxc-parser"
import { expect, test } from "vitest"
import { moveBack, moveOut, writtenServices } from "./move-module.ts"

/** How a configuration is laid out. */
interface Style {
  readonly newline: "\n" | "\r\n"
  readonly indent: "  " | "    " | "\t"
  readonly quote: '"' | "'"
  readonly semicolon: "" | ";"
  readonly trailingComma: boolean
  readonly lines: { readonly options: boolean; readonly services: boolean; readonly service: boolean; readonly modules: boolean }
  /** What stands behind each property, where that is allowed. */
  readonly comment: "" | " // why" | " /* why, [so] { */"
  readonly ahead: "" | "// a comment, with { and é 한옥" | "/* one\n   of two lines */"
  readonly wrapper: "plain" | "satisfies" | "constant" | "options" | "alias" | "wrapped" | "reexport"
  readonly services: "none" | "other" | "others" | "same" | "constant" | "shorthand"
  readonly order: readonly ("name" | "modules" | "services" | "gateway")[]
}

const style: fc.Arbitrary<Style> = fc.record({
  newline: fc.constantFrom("\n", "\r\n"),
  indent: fc.constantFrom("  ", "    ", "\t"),
  quote: fc.constantFrom('"', "'"),
  semicolon: fc.constantFrom("", ";"),
  trailingComma: fc.boolean(),
  lines: fc.record({ options: fc.boolean(), services: fc.boolean(), service: fc.boolean(), modules: fc.boolean() }),
  comment: fc.constantFrom("", " // why", " /* why, [so] { */"),
  ahead: fc.constantFrom("", "// a comment, with { and é 한옥", "/* one\n   of two lines */"),
  wrapper: fc.constantFrom("plain", "satisfies", "constant", "options", "alias", "wrapped", "reexport"),
  services: fc.constantFrom("none", "other", "others", "same", "constant", "shorthand"),
  order: fc.shuffledSubarray(["name", "modules", "services", "gateway"] as const, { minLength: 4 }),
})

/** The configuration in that style. */
function configuration(given: Style): string {
  const q = (name: string) => `${given.quote}${name}${given.quote}`
  const entries = servicesOf(given, q)
  const inConstant = given.services === "constant" || given.services === "shorthand"
  const servicesText = laidOut("{", entries, "}", given.lines.services, given, inConstant ? 0 : 1)
  const properties = given.order.flatMap((name) => {
    if (name === "services") {
      if (given.services === "none") return []
      return [given.services === "shorthand" ? "services" : `services: ${given.services === "constant" ? "own" : servicesText}`]
    }
    return [{ name: `name: ${q("shop")}`, modules: "modules", gateway: "gateway: { port: 3000 }" }[name]]
  })
  const options = laidOut("{", properties, "}", given.lines.options, given, 0)
  const s = given.semicolon
  const constant = inConstant ? `const ${given.services === "constant" ? "own" : "services"} = ${servicesText} as const${s}\n` : ""
  const imported = given.wrapper === "alias" ? "defineTopology as define" : "defineTopology"
  const head = `import { ${imported} } from ${q("@hanok/contract")}${s}\nimport { modules } from ${q("./modules.ts")}${s}\n\n${constant}`
  return `${head}${given.ahead}\n${exported(options, given)}`.replaceAll(/\r?\n/g, given.newline)
}

function servicesOf(given: Style, q: (name: string) => string): readonly string[] {
  const service = (name: string, modules: readonly string[], depth: number) => {
    const list = laidOut("[", modules.map(q), "]", given.lines.modules && given.lines.service, given, depth + 1)
    return `${q(name)}: ${laidOut("{", [`modules: ${list}`, "replicas: { min: 1, max: 4 }"], "}", given.lines.service, given, depth)}`
  }
  const depth = given.services === "constant" || given.services === "shorthand" ? 1 : 2
  if (given.services === "same") return [service("gift", ["order"], depth)]
  return given.services === "others"
    ? [service("order", ["order", "item"], depth), service("payment", ["payment"], depth)]
    : [service("order", ["order"], depth)]
}

function laidOut(open: string, elements: readonly string[], close: string, multiline: boolean, given: Style, depth: number): string {
  const { indent, trailingComma, comment } = given
  if (!multiline) return open === "{" ? `{ ${elements.join(", ")} }` : `[${elements.join(", ")}]`
  const isLast = (index: number) => index === elements.length - 1
  const lines = elements.map(
    (element, index) => `${indent.repeat(depth + 1)}${element}${isLast(index) && !trailingComma ? "" : ","}${comment}`,
  )
  return [open, ...lines, `${indent.repeat(depth)}${close}`].join("\n")
}

function exported(options: string, { wrapper, semicolon: s }: Style): string {
  switch (wrapper) {
    case "satisfies":
      return `export default defineTopology((${options}) satisfies object)${s}\n`
    case "constant":
      return `const topology = defineTopology(${options})${s}\n\nexport default topology${s}\n`
    case "options":
      return `const options = ${options} as const${s}\n\nexport default defineTopology(options)${s}\n`
    case "alias":
      return `export default define(${options})${s}`
    case "wrapped":
      return `export default checked(defineTopology(Object.freeze(${options})))${s}\n`
    case "reexport":
      return `const other = defineTopology({ modules })${s}\nconst topology = defineTopology(${options})${s}\nexport default topology${s}\n`
    default:
      return `export default defineTopology(${options})${s}\n`
  }
}

const runs = { numRuns: 1000 }

test("moving a module out and back leaves the file as it was", () => {
  fc.assert(
    fc.property(
      style,
      fc.constantFrom(undefined, "3", "{ min: 1, max: 4 }"),
      fc.constantFrom("gift", "gift-card"),
      (given, replicas, module) => {
        const before = configuration(given)
        const keptReplicas = given.services === "same" ? undefined : replicas
        const out = moveOut(before, { module, service: "gift", replicas: keptReplicas })
        expect(moveBack(out, module)).toBe(before)
      },
    ),
    runs,
  )
})

test("what is written after a move can be parsed, and says where the module is", () => {
  fc.assert(
    fc.property(style, fc.constantFrom(undefined, "3"), fc.constantFrom("gift", "order", "new-one"), (given, replicas, service) => {
      const out = moveOut(configuration(given), { module: "gift", service, replicas })
      expect(parseSync("a.ts", out).errors).toEqual([])
      expect(writtenServices(out).get("gift")).toBe(service)
    }),
    runs,
  )
})

test("moving a module that has a service already takes it out of there", () => {
  fc.assert(
    fc.property(style, (given) => {
      const before = configuration(given)
      const moved = moveOut(before, { module: "order", service: "elsewhere" })
      const others = [...writtenServices(before)].filter(([module]) => module !== "order")
      expect(parseSync("a.ts", moved).errors).toEqual([])
      expect(new Map(writtenServices(moved))).toEqual(new Map([...others, ["order", "elsewhere"]]))
    }),
    runs,
  )
})

test("no comment is lost on the way out", () => {
  fc.assert(
    fc.property(style, (given) => {
      const before = configuration(given)
      const commentsOf = (text: string) => parseSync("a.ts", text).comments.map(({ value }) => value.trimEnd())
      expect(commentsOf(moveOut(before, { module: "gift", service: "gift" }))).toEqual(commentsOf(before))
    }),
    runs,
  )
})

test("where there are lines, a move out adds one and changes at most the comma of the one before", () => {
  fc.assert(
    fc.property(style, (given) => {
      fc.pre(given.lines.options && given.lines.services && given.services !== "same")
      const before = configuration(given).split(given.newline)
      const after = moveOut(before.join(given.newline), { module: "gift", service: "gift" }).split(given.newline)
      const gone = before.filter((line) => !after.includes(line))
      expect(after.length).toBe(before.length + 1)
      expect(gone.length).toBeLessThanOrEqual(given.trailingComma ? 0 : 1)
    }),
    runs,
  )
})
