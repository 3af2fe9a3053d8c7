import { expect, test } from "vitest"
import { checkImports } from "../check-imports.ts"
import { projectRules } from "../parse-rules.ts"
import type { Rule } from "../violation.ts"
import { fileSize } from "./file-size.ts"
import { packageImports } from "./package-imports.ts"
import type { PackageAllowance } from "./package-imports.ts"

type Files = Readonly<Record<string, string>>

function found(files: Files, rules: readonly Rule[] = projectRules): readonly string[] {
  const sources = Object.entries(files).map(([path, text]) => ({ path, text }))
  return checkImports(sources, rules).violations.map(({ path, line, rule }) => `${path}:${line} ${rule}`)
}

const order = { "modules/order/contract.ts": "", "modules/order/store.ts": "", "modules/order/module.ts": "" }
const gift = { "modules/gift/contract.ts": "" }

test("a module may import another module's contract, and all of its own", () => {
  const text = `import "../order/contract.ts"\nimport "./store.ts"\nimport "zod"\nimport "../../kernel/id.ts"\n`
  expect(found({ ...order, ...gift, "modules/gift/module.ts": text, "modules/gift/store.ts": "", "kernel/id.ts": "" })).toEqual([])
})

test("a module may import nothing else of another module, not even types", () => {
  const text = `import "../order/contract.ts"\nimport type { Store } from "../order/store.ts"\nconst m = await import("../order/module.js")\n`
  expect(found({ ...order, ...gift, "modules/gift/module.ts": text })).toEqual([
    "modules/gift/module.ts:2 module-imports",
    "modules/gift/module.ts:3 module-imports",
  ])
})

test("the message names both modules, and what is allowed", () => {
  const sources = Object.entries({ ...order, ...gift, "modules/gift/module.ts": 'import "../order/store.ts"' })
  const { violations } = checkImports(
    sources.map(([path, text]) => ({ path, text })),
    projectRules,
  )
  expect(violations[0]).toMatchObject({
    message: "The module gift imports modules/order/store.ts of the module order.",
    allowed: "Of another module, import its contract and nothing else: modules/order/contract.ts.",
  })
})

test("a module's test may take a neighbour as it is, with a store in memory, and nothing else of it", () => {
  const text = `import "../order/module.ts"\nimport "../order/store.memory.ts"\nimport "../order/store.ts"\n`
  expect(found({ ...order, "modules/order/store.memory.ts": "", ...gift, "modules/gift/gift.test.ts": text })).toEqual([
    "modules/gift/gift.test.ts:3 module-imports",
  ])
})

test("a neighbour's inside is not open because it is not TypeScript", () => {
  const text = `import "../order/store.js"\nimport "../order/rates.js"\nimport "../order/rates.json"\nimport "../order/contract.js"\nimport "../../rates.json"`
  expect(found({ ...order, ...gift, "modules/gift/module.ts": text })).toEqual([
    "modules/gift/module.ts:1 module-imports",
    "modules/gift/module.ts:2 module-imports",
    "modules/gift/module.ts:3 module-imports",
  ])
})

test("a module that is called testing is held to the rules like any other", () => {
  const text = `import "../order/module.ts"`
  const files = {
    "modules/testing/contract.ts": "",
    "modules/testing/module.ts": text,
    "modules/testing/testing/slice.ts": `import "../../order/module.ts"`,
  }
  expect(found({ ...order, ...files })).toEqual(["modules/testing/module.ts:1 module-imports"])
})

test("a neighbour's inside is not reached by the name of the package either", () => {
  const text = `import "shop/modules/order/store.ts"`
  expect(found({ "package.json": '{"name":"shop"}', ...order, ...gift, "modules/gift/module.ts": text })).toEqual([
    "modules/gift/module.ts:1 module-imports",
  ])
})

const manifest = (fields: object) => JSON.stringify(fields)

test.each([
  ["#order/store.ts", { imports: { "#order/*": "./modules/order/*" } }],
  ["#store", { imports: { "#store": { test: null, default: ["./modules/order/store.ts"] } } }],
  ["#anything/order/store", { imports: { "#*": "./nowhere/*.ts", "#anything/*": "./modules/*.js" } }],
  ["shop/store", { name: "shop", exports: { "./store": { types: "./types.d.ts", default: "./modules/order/store.ts" } } }],
  ["shop", { name: "shop", exports: { import: "./modules/order/store.ts" } }],
  ["shop", { name: "shop", main: "./modules/order/store.ts" }],
])("a neighbour's inside is not reached as %s, which package.json leads there, either", (specifier, fields) => {
  const text = `import "zod"\nimport "${specifier}"`
  expect(found({ "package.json": manifest(fields), ...order, ...gift, "modules/gift/module.ts": text })).toEqual([
    "modules/gift/module.ts:2 module-imports",
  ])
})

test("a package.json may begin with a byte order mark, as Node allows it", () => {
  const manifestText = `\ufeff${manifest({ imports: { "#store": "./modules/order/store.ts" } })}`
  expect(found({ "package.json": manifestText, ...order, ...gift, "modules/gift/module.ts": `import "#store"` })).toEqual([
    "modules/gift/module.ts:1 module-imports",
  ])
})

test("what package.json leads to a contract, or nowhere, may be imported", () => {
  const imports = { "#order": "./modules/order/contract.ts", "#zod": "zod", "#gone": null, "#lost": "./lost.ts" }
  const text = `import "#order"\nimport "#zod"\nimport "#gone"\nimport "#lost"\nimport "#other"`
  expect(found({ "package.json": manifest({ imports }), ...order, ...gift, "modules/gift/module.ts": text })).toEqual([])
})

test("a package that modules share is no hidden way into a module, wherever its manifest leads", () => {
  const files = {
    "package.json": manifest({ name: "shop" }),
    "kernel/package.json": manifest({ name: "@shop/kernel", exports: { ".": "./src/index.ts" } }),
    "kernel/src/index.ts": `export { Store } from "../../modules/order/store.ts"`,
    ...order,
    ...gift,
    "modules/gift/module.ts": `import "@shop/kernel"`,
  }
  expect(found(files)).toEqual(["kernel/src/index.ts:1 shared-imports"])
})

test("a package's own name for another package is as good as the other's", () => {
  const files = {
    ...workspace,
    "packages/a/package.json": manifest({ name: "@x/a", imports: { "#b": "@x/b" } }),
    "packages/a/a.ts": `import "#b"`,
  }
  expect(found(files, [packageImports(allowances)])).toEqual(["packages/a/a.ts:1 package-imports"])
})

test.each(["../order/store.ts?fresh=1", "../order/store.ts#part", "../order/view.js", "../order/view.jsx"])(
  "a neighbour's inside is not reached by %s either",
  (specifier) => {
    const files = { ...order, "modules/order/view.tsx": "", ...gift, "modules/gift/module.ts": `import "${specifier}"` }
    expect(found(files)).toEqual(["modules/gift/module.ts:1 module-imports"])
  },
)

test("two apps in one repository may have modules of one name", () => {
  const text = `import "./store.ts"`
  expect(found({ "a/modules/x/contract.ts": text, "a/modules/x/store.ts": "", "b/modules/x/contract.ts": "" })).toEqual([])
})

test("what modules share is no hidden way into a module, however long", () => {
  const files = {
    ...order,
    ...gift,
    "modules/gift/module.ts": `import "../../kernel/a.ts"`,
    "kernel/a.ts": `import "./b.ts"\nimport "../modules/order/contract.ts"`,
    "kernel/b.ts": `\nexport { Store } from "../modules/order/store.ts"`,
  }
  expect(found(files)).toEqual(["kernel/b.ts:2 shared-imports"])
})

test("a contract may be made of several files of its module, whoever imports it", () => {
  const files = { ...order, "modules/order/contract.ts": `import "./money.ts"`, "modules/order/money.ts": "", ...gift }
  expect(found({ ...files, "modules/gift/module.ts": `import "../order/contract.ts"` })).toEqual([])
})

test("what only wiring and tests share may import all of modules", () => {
  const files = { ...order, ...gift, "wiring.ts": `import "./modules/order/store.ts"`, "hanok.config.ts": `import "./wiring.ts"` }
  expect(found({ ...files, "modules/gift/gift.test.ts": `import "../../wiring.ts"` })).toEqual([])
})

test("wiring that no module imports may import all of them", () => {
  expect(found({ ...order, ...gift, "hanok.config.ts": `import "./modules/order/module.ts"\nimport "./modules/order/store.ts"` })).toEqual(
    [],
  )
})

const workspace = {
  "package.json": '{"name":"root"}',
  "packages/a/package.json": '{"name":"@x/a"}',
  "packages/b/package.json": '{"name":"@x/b"}',
  "packages/b/src/index.ts": "",
}
const allowances = { "@x/a": { imports: [] }, "@x/b": { imports: ["@x/a"] } }

test("a package may import what is written down, and nothing else of the workspace", () => {
  const files = {
    ...workspace,
    "packages/a/src/a.ts": `import "@x/b"\nimport "zod"\nimport "@x/a"`,
    "packages/b/src/b.ts": 'import "@x/a/deep"',
  }
  expect(found(files, [packageImports(allowances)])).toEqual(["packages/a/src/a.ts:1 package-imports"])
})

test("types and tests may be allowed more", () => {
  const allowance = { "@x/a": { imports: [], types: ["@x/b"] }, "@x/b": { imports: [], tests: ["@x/a"] } }
  const files = {
    ...workspace,
    "packages/a/src/a.ts": `import type { B } from "@x/b"\nimport { b } from "@x/b"`,
    "packages/b/src/b.test.ts": `import "@x/a"`,
    "packages/b/src/b.ts": `import "@x/a"`,
  }
  expect(found(files, [packageImports(allowance)])).toEqual([
    "packages/a/src/a.ts:2 package-imports",
    "packages/b/src/b.ts:1 package-imports",
  ])
})

test("it is told all that a package may import, and nothing that it may not", () => {
  const sources = Object.entries({ ...workspace, "packages/a/src/a.ts": `import "@x/b"` }).map(([path, text]) => ({ path, text }))
  const allowed = (allowance: PackageAllowance) => {
    return checkImports(sources, [packageImports({ "@x/a": allowance })]).violations.map((violation) => violation.allowed)
  }
  expect(allowed({ imports: ["@x/c", "@x/d"] })).toEqual(["@x/a may import @x/c, @x/d."])
  expect(allowed({ imports: [], types: ["@x/b", "@x/c"], tests: ["@x/b"] })).toEqual([
    "@x/a may import no package of the workspace; types of @x/b, @x/c; in tests @x/b.",
  ])
})

test("a package that is not written down may import none", () => {
  expect(found({ ...workspace, "packages/a/src/a.ts": `import "@x/b"` }, [packageImports({})])).toEqual([
    "packages/a/src/a.ts:1 package-imports",
  ])
})

test("a package may be called like something that every object of JavaScript has", () => {
  const files = { ...workspace, "packages/a/package.json": '{"name":"constructor"}', "packages/a/src/a.ts": `import "@x/b"` }
  expect(found(files, [packageImports(allowances)])).toEqual(["packages/a/src/a.ts:1 package-imports"])
  const rooted = { ...workspace, "package.json": '{"name":"constructor"}', "scripts/all.ts": `import "@x/a"` }
  expect(found(rooted, [packageImports(allowances)])).toEqual([])
})

test("the root, which is not written down, may import all by name", () => {
  expect(found({ ...workspace, "scripts/all.ts": `import "@x/a"\nimport "@x/b"` }, [packageImports(allowances)])).toEqual([])
})

test("another package is imported by name and not by path", () => {
  const files = { ...workspace, "packages/a/src/a.ts": `import "../../b/src/index.ts"` }
  expect(found(files, [packageImports({ "@x/a": { imports: ["*"] } })])).toEqual(["packages/a/src/a.ts:1 package-by-name"])
})

test("a package's own files, and those of the root, are imported by path", () => {
  const text = `import "./b.ts"\nimport "../../../scripts/all.ts"\nimport "../../nowhere/c.ts"`
  const files = { ...workspace, "packages/a/src/a.ts": text, "packages/a/src/b.ts": "", "scripts/all.ts": "" }
  expect(found(files, [packageImports({ "@x/a": { imports: [] } })])).toEqual([])
})

test("types and tests are allowed no more when nothing is written of them", () => {
  const files = { ...workspace, "packages/a/src/a.ts": `import type { B } from "@x/b"`, "packages/a/src/a.test.ts": `import "@x/b"` }
  expect(found(files, [packageImports({ "@x/a": { imports: [] } })])).toEqual([
    "packages/a/src/a.test.ts:1 package-imports",
    "packages/a/src/a.ts:1 package-imports",
  ])
})

test("a file has no more lines than allowed; a test may have more", () => {
  const files = { "a.ts": "1\n2\n3\n", "b.ts": "1\n2\n3\n4\n", "b.test.ts": "1\n2\n3\n4\n", "c.test.ts": "1\n2\n3\n4\n5" }
  expect(found(files, [fileSize({ source: 3, test: 4 })])).toEqual(["b.ts:4 file-size", "c.test.ts:5 file-size"])
})

test("a file that cannot be parsed is told apart from files that break rules", () => {
  const report = checkImports([{ path: "a.ts", text: "const = 1" }], projectRules)
  expect(report.violations).toEqual([])
  expect(report.unread).toMatchObject([{ path: "a.ts", line: 1 }])
})
