import { readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"

test("the package runs in browsers: nothing of it imports what only Node has", () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".ts") && !/\.(?:test|fixture)\.ts$/.test(name))
  const imports = files.flatMap((name) => {
    const text = readFileSync(`${import.meta.dirname}/${name}`, "utf8")
    return [...text.matchAll(/from "([^"]+)"/g)].map((match) => match[1] ?? "")
  })
  expect(imports.filter((from) => !from.startsWith("./") && from !== "@standard-schema/spec")).toEqual([])
})
