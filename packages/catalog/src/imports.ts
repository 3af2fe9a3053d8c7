import { parseSync, Visitor } from "oxc-parser"
import type { Expression, ParseResult, StaticImport } from "oxc-parser"
import { lineCounter } from "./source-file.ts"

/** What one statement or expression of a file imports. */
export interface Import {
  /** As it is written: `./contract.ts`, `@hanok/contract`. */
  readonly specifier: string
  /** From 1. */
  readonly line: number
  /** Whether only types come in, so that nothing is left of it at run time. */
  readonly typeOnly: boolean
}

/** A file that cannot be parsed. */
export class SourceError extends Error {
  override readonly name = "SourceError"
  /** From 1. */
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/**
 * Everything that TypeScript source imports: `import`, `export … from`, `import()`, `import("…")` in a type and `require()`,
 * in the order of their lines. What is imported by a computed name is not known here. Throws a `SourceError`.
 */
export function importsOf(source: string, path = "source.ts"): readonly Import[] {
  const parsed = parseSync(path, source)
  const lineAt = lineCounter(source)
  const error = parsed.errors.find(({ severity }) => severity === "Error")
  if (error) throw new SourceError(error.message, lineAt(error.labels[0]?.start ?? 0))
  const found = [...staticImports(parsed), ...reExports(parsed), ...expressions(parsed, source)]
  return found
    .toSorted((one, other) => one.start - other.start)
    .map(({ specifier, start, typeOnly }) => ({ specifier, line: lineAt(start), typeOnly }))
}

interface Found {
  readonly specifier: string
  readonly start: number
  readonly typeOnly: boolean
}

function staticImports({ module }: ParseResult): readonly Found[] {
  return module.staticImports.map((statement) => ({
    specifier: statement.moduleRequest.value,
    start: statement.start,
    typeOnly: isTypeOnly(statement.entries),
  }))
}

// What is imported by one statement and exported by another is told again at the place of the import.
function reExports({ module }: ParseResult): readonly Found[] {
  const imported = new Set(module.staticImports.map(({ start }) => start))
  return module.staticExports.flatMap(({ start, entries }) => {
    const request = entries[0]?.moduleRequest
    return request && !imported.has(start) ? [{ specifier: request.value, start, typeOnly: isTypeOnly(entries) }] : []
  })
}

// An import without names is made for what it does.
function isTypeOnly(entries: readonly Pick<StaticImport["entries"][number], "isType">[]): boolean {
  return entries.length > 0 && entries.every(({ isType }) => isType)
}

function expressions({ program }: ParseResult, source: string): readonly Found[] {
  // Most files have none, and need not be walked through.
  if (!/\bimport\s*(?:\(|\/[*/]|\.\s*(?!meta))|\brequire\b|\bexport\s*\{\s*\}/.test(source)) return []
  const found: Found[] = []
  const add = (from: Expression | undefined, start: number, typeOnly: boolean) => {
    const specifier = textOf(from)
    if (specifier !== undefined) found.push({ specifier, start, typeOnly })
  }
  new Visitor({
    // One with names is told with the exports.
    ExportNamedDeclaration: ({ source: from, specifiers, start }) =>
      specifiers.length === 0 && from ? add(from, start, false) : undefined,
    ImportExpression: (node) => add(node.source, node.start, false),
    TSImportType: (node) => add(node.source, node.start, true),
    TSImportEqualsDeclaration({ moduleReference: from, importKind }) {
      if (from.type === "TSExternalModuleReference") add(from.expression, from.start, importKind === "type")
    },
    CallExpression({ callee, arguments: [argument], start }) {
      if (callee.type === "Identifier" && callee.name === "require" && argument?.type === "Literal") add(argument, start, false)
    },
  }).visit(program)
  return found
}

function textOf(node: Expression | undefined): string | undefined {
  if (node?.type === "ParenthesizedExpression" || node?.type === "TSAsExpression") return textOf(node.expression)
  if (node?.type === "Literal" && typeof node.value === "string") return node.value
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined
  return undefined
}
