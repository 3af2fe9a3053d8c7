import { parseSync, Visitor } from "oxc-parser"
import type { CallExpression, Expression, ObjectExpression, ObjectProperty, Program } from "oxc-parser"
import { lineOf, NotUnderstood } from "./not-understood.ts"
import type { Span } from "./draft.ts"

/** A configuration's source, and where in it the topology's options are. */
export interface TopologySource {
  readonly text: string
  readonly comments: readonly Span[]
  readonly program: Program
  /** The object given to `defineTopology`. */
  readonly options: ObjectExpression
}

/** Finds the options of `defineTopology` in a configuration. Throws `NotUnderstood`. */
export function parseTopologySource(text: string): TopologySource {
  const { program, comments, errors } = parseSync("hanok.config.ts", text)
  const error = errors.find(({ severity }) => severity === "Error")
  if (error) throw new NotUnderstood(lineOf(text, error.labels[0]?.start ?? 0), `cannot be parsed: ${error.message}`)
  const call = theCall(program, text)
  const [argument] = call.arguments
  const options = argument && argument.type !== "SpreadElement" ? objectOf(argument, program) : undefined
  if (options) return { text, comments, program, options }
  throw new NotUnderstood(lineOf(text, call.start), "gives defineTopology something other than an object written out in this file")
}

/** The property of that name, if it is written out. */
export function propertyOf(object: ObjectExpression, name: string): ObjectProperty | undefined {
  return object.properties.find((property): property is ObjectProperty => property.type === "Property" && keyOf(property) === name)
}

/** A property's name; `undefined` when it is computed. */
export function keyOf({ key, computed }: ObjectProperty): string | undefined {
  if (computed) return undefined
  if (key.type === "Identifier") return key.name
  return key.type === "Literal" ? String(key.value) : undefined
}

/** The expression without parentheses and type assertions; of a constant of this file, its value. */
export function valueOf(expression: Expression, program: Program): Expression {
  switch (expression.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "ParenthesizedExpression":
      return valueOf(expression.expression, program)
    case "Identifier": {
      const value = constantOf(expression.name, program)
      return value ? valueOf(value, program) : expression
    }
    default:
      return expression
  }
}

// The options may pass through a function on their way, if they are the only object that does: `defineTopology(withDefaults({ ... }))`.
function objectOf(argument: Expression, program: Program): ObjectExpression | undefined {
  const value = valueOf(argument, program)
  if (value.type === "ObjectExpression") return value
  if (value.type !== "CallExpression") return undefined
  const objects = value.arguments.flatMap((each) => (each.type === "SpreadElement" ? [] : (objectOf(each, program) ?? [])))
  return objects.length === 1 ? objects[0] : undefined
}

function constantOf(name: string, program: Program): Expression | undefined {
  for (const statement of program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement
    if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "const") continue
    const found = declaration.declarations.find(({ id }) => id.type === "Identifier" && id.name === name)
    if (found) return found.init ?? undefined
  }
  return undefined
}

function theCall(program: Program, text: string): CallExpression {
  const names = namesOfDefineTopology(program)
  const within = (root: Span) => callsOf(program, names).filter(({ start, end }) => start >= root.start && end <= root.end)
  const all = within(program)
  const exported = program.body.find((statement) => statement.type === "ExportDefaultDeclaration")?.declaration
  // What is exported by default is an expression, or something else in which there is no call.
  const value = exported && "type" in exported && exported.type === "Identifier" ? constantOf(exported.name, program) : exported
  const [call, ...others] = all.length > 1 && value ? within(value) : all
  if (call && others.length === 0) return call
  if (!call) throw new NotUnderstood(1, "has no call of defineTopology")
  throw new NotUnderstood(lineOf(text, others[0]?.start ?? 0), "calls defineTopology more than once")
}

function callsOf(program: Program, names: ReadonlySet<string>): readonly CallExpression[] {
  const calls: CallExpression[] = []
  new Visitor({
    CallExpression(node) {
      const { callee } = node
      const name = callee.type === "MemberExpression" && callee.property.type === "Identifier" ? callee.property.name : undefined
      if ((callee.type === "Identifier" && names.has(callee.name)) || name === "defineTopology") calls.push(node)
    },
  }).visit(program)
  return calls
}

function namesOfDefineTopology({ body }: Program): ReadonlySet<string> {
  const imported = body.flatMap((statement) => (statement.type === "ImportDeclaration" ? statement.specifiers : []))
  const aliases = imported.flatMap((specifier) => {
    const isIt = specifier.type === "ImportSpecifier" && "name" in specifier.imported && specifier.imported.name === "defineTopology"
    return isIt ? [specifier.local.name] : []
  })
  return new Set(["defineTopology", ...aliases])
}
