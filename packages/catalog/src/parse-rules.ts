import { parseJson } from "./parse-json.ts"
import { fileSize } from "./rules/file-size.ts"
import { moduleImports } from "./rules/module-imports.ts"
import { packageImports } from "./rules/package-imports.ts"
import type { PackageAllowance } from "./rules/package-imports.ts"
import { sharedImports } from "./rules/shared-imports.ts"
import type { Rule } from "./violation.ts"

/** The rules that hold for every project. */
export const projectRules: readonly Rule[] = [moduleImports, sharedImports]

type Fields = Readonly<Record<string, unknown>>

/**
 * The rules that a workspace adds to those of every project, from its `hanok.check.json`. Throws an error that names the field.
 * @example
 * parseRules('{ "packages": { "@shop/web": { "imports": ["@shop/api"] } }, "maxLines": { "source": 400, "test": 600 } }')
 */
export function parseRules(text: string): readonly Rule[] {
  const { packages, maxLines, ...rest } = fieldsOf(parseJson(text), "The file")
  const unknown = Object.keys(rest).find((name) => name !== "$schema")
  if (unknown !== undefined) throw new Error(`"${unknown}" is not a field; there are "packages" and "maxLines".`)
  return [...(packages === undefined ? [] : [packageRule(packages)]), ...(maxLines === undefined ? [] : [sizeRule(maxLines)])]
}

function packageRule(packages: unknown): Rule {
  const entries = Object.entries(fieldsOf(packages, '"packages"'))
  return packageImports(Object.fromEntries(entries.map(([name, value]) => [name, allowanceOf(name, value)])))
}

function allowanceOf(name: string, value: unknown): PackageAllowance {
  const { imports, types = [], tests = [] } = fieldsOf(value, `"${name}"`)
  return {
    imports: namesOf(imports, `"imports" of "${name}"`),
    types: namesOf(types, `"types" of "${name}"`),
    tests: namesOf(tests, `"tests" of "${name}"`),
  }
}

function sizeRule(value: unknown): Rule {
  const { source, test } = fieldsOf(value, '"maxLines"')
  if (typeof source !== "number" || typeof test !== "number") throw new Error('"maxLines" has the numbers "source" and "test".')
  return fileSize({ source, test })
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} is an object.`)
  // An object of JSON.
  return value as Fields
}

function namesOf(value: unknown, what: string): readonly string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value
  throw new Error(`${what} is a list of names.`)
}
