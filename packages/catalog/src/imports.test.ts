import { expect, test } from "vitest"
import { importsOf, SourceError } from "./imports.ts"

test("every way to import is found, with its line, in the order of the lines", () => {
  const source = `import { a } from "./a.ts"
import type { B } from "./b.ts" // a comment with é and 한옥
import "./effect.ts"
export { c } from "./c.ts"
export * from "./d.ts"
const e = await import("./e.ts")
type F = import("./f.ts").F
import g = require("./g.ts")
const h = require(\`./h.ts\`), i = require("./i.ts")
export const j = "./not-imported.ts"
`
  expect(importsOf(source).map(({ specifier, line, typeOnly }) => `${line} ${specifier}${typeOnly ? " (types)" : ""}`)).toEqual([
    "1 ./a.ts",
    "2 ./b.ts (types)",
    "3 ./effect.ts",
    "4 ./c.ts",
    "5 ./d.ts",
    "6 ./e.ts",
    "7 ./f.ts (types)",
    "8 ./g.ts",
    "9 ./i.ts",
  ])
})

test("an import is of types only when each of its names is", () => {
  const source = `import { type A, type B } from "./types.ts"\nimport { type C, d } from "./both.ts"\nexport type { E } from "./e.ts"\nimport type F = require("./f.ts")\n`
  expect(importsOf(source).map(({ typeOnly }) => typeOnly)).toEqual([true, false, true, true])
})

test("imports in comments and in text are none", () => {
  expect(importsOf(`// import "./a.ts"\nexport const text = 'import("./b.ts")'\n`)).toEqual([])
})

test.each(['await import /* later */ ("./a.ts")', 'await import // later\n("./a.ts")', 'await import.defer("./a.ts")'])(
  "an import is found however it is written: %s",
  (source) => expect(importsOf(source)).toMatchObject([{ specifier: "./a.ts", typeOnly: false }]),
)

test("what is imported by a computed name is left out", () => {
  expect(importsOf("const name = './a.ts'; await import(name); await import(`./${name}`)")).toEqual([])
})

test("source that cannot be parsed is told with its line", () => {
  expect(() => importsOf("const a = 1\nconst = 2\n")).toThrow(SourceError)
  expect(() => importsOf("const a = 1\nconst = 2\n")).toThrow(expect.objectContaining({ line: 2 }))
})

test("what is imported and then exported is imported once", () => {
  expect(importsOf(`import { a, type B } from "./a.ts"\nexport { a }\nexport type { B }\n`)).toEqual([
    { specifier: "./a.ts", line: 1, typeOnly: false },
  ])
})

test.each([
  `export {} from "./a.ts"`,
  `import("./a.ts" as string)`,
  `import(("./a.ts"))`,
  `import /* now */ ("./a.ts")`,
  `import.defer("./a.ts")`,
])("an import that is written oddly is one: %s", (source) => {
  expect(importsOf(source)).toEqual([{ specifier: "./a.ts", line: 1, typeOnly: false }])
})
