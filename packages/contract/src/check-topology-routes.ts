import { operationsOf } from "./contract.ts"
import { httpBindingOf } from "./http-binding.ts"
import { fieldsOf } from "./input-choices.ts"
import { choicesOf, dereferenced, isJsonSchema } from "./json-schema.ts"
import type { HttpBinding } from "./http-binding.ts"
import type { Module } from "./module.ts"
import type { Operation } from "./operation.ts"
import { shapeOf } from "./path-template.ts"
import { jsonSchemaOf } from "./schema.ts"
import type { JsonSchema } from "./schema.ts"
import type { WiringProblem } from "./wiring-error.ts"

/** The gateway's own paths, which no operation can have. */
export const gatewayPaths: readonly string[] = ["/health/live", "/health/ready", "/openapi.json", "/docs"]

interface Route {
  readonly name: string
  readonly operation: Operation
  readonly binding: HttpBinding
  readonly input: JsonSchema
}

/** Routes that lead to two operations, to none, or nobody in; inputs that HTTP cannot carry as the route says. */
export function checkRoutes(modules: readonly Module[]): readonly WiringProblem[] {
  const routes = [...new Set(modules.map(({ contract }) => contract))].flatMap((contract) =>
    operationsOf(contract).flatMap(([name, operation]) => routeOf(`${contract.name}.${name}`, operation)),
  )
  return [...checkShapes(routes), ...routes.flatMap(checkPath), ...routes.flatMap(checkInput), ...routes.flatMap(checkAccess)]
}

function routeOf(name: string, operation: Operation): readonly Route[] {
  try {
    const binding = httpBindingOf(operation)
    return binding ? [{ name, operation, binding, input: jsonSchemaOf(operation.input, "input") }] : []
  } catch {
    // An input without a JSON form is told where contracts are checked.
    return []
  }
}

function checkShapes(routes: readonly Route[]): readonly WiringProblem[] {
  const byShape = Map.groupBy(routes, ({ binding }) => `${binding.method} ${shapeOf(binding.path)}`)
  return [...byShape.values()].flatMap(([first, ...others]) =>
    others.map(({ name, operation, binding }) => ({
      message: `${binding.method} ${binding.path} of ${name} is also the route of ${first?.name}.`,
      hint: `Change one of them${first?.operation.definedAt === undefined ? "" : `; the other is at ${first.operation.definedAt}`}.`,
      at: operation.definedAt,
    })),
  )
}

function checkPath({ name, operation, binding: { path, pathFields } }: Route): readonly WiringProblem[] {
  const at = operation.definedAt
  const reserved = gatewayPaths.includes(path)
    ? [
        {
          message: `${path} of ${name} is one of the gateway's own paths.`,
          hint: `Use another; its own are ${gatewayPaths.join(", ")}.`,
          at,
        },
      ]
    : []
  const twice = pathFields.filter((field, index) => pathFields.indexOf(field) !== index)
  const plain = path.replaceAll(/\{[A-Za-z_]\w*\}/g, "x")
  const message = `${path} of ${name} is not a path template${twice.length > 0 ? `: ${twice.join(", ")} stands in it twice` : ""}.`
  const malformed = /[{}:*?#\s]|\/\/|.\/$/.test(plain) || path.includes("}{") || twice.length > 0
  const hint = "Write segments and fields of the input, each field once: `/orders/{orderId}/gifts`, without a slash at the end."
  return malformed ? reserved.concat({ message, hint, at }) : reserved
}

function checkInput(route: Route): readonly WiringProblem[] {
  const { name, operation, binding, input } = route
  const fields = fieldsOf(input)
  const at = operation.definedAt
  if (fields.size === 0 && input["type"] !== "object") {
    return [{ message: `The input of ${name}, which has a route, is not an object.`, hint: "Put it in a field of an object.", at }]
  }
  const absent = binding.pathFields
    .filter((field) => !fields.has(field))
    .map((field) => ({
      message: `{${field}} in the path of ${name} is not a field of its input.`,
      hint: `Add it to the input, or use one of its fields: ${[...fields.keys()].join(", ") || "it has none"}.`,
      at,
    }))
  const inUrl = [...binding.pathFields, ...binding.queryFields].filter(
    (field) => !fitsUrl(fields.get(field), input, binding.pathFields.includes(field)),
  )
  const objects = inUrl.map((field) => ({
    message: `${field} of ${name} is not text, a number or a boolean, so ${binding.method} ${binding.path} cannot carry it in the URL.`,
    hint: "Use plain fields (in a query also lists of them), or a method with a body: POST, PUT or PATCH.",
    at,
  }))
  return [...absent, ...objects]
}

// OpenAPI has no word for nobody; a document without a role would say that everybody may come in.
function checkAccess({ name, operation: { access, definedAt: at }, binding: { method, path } }: Route): readonly WiringProblem[] {
  if (access === "public" || access === "signed-in") return []
  // A program without types may have given anything.
  const { anyOf }: { readonly anyOf?: readonly string[] } = access
  if (!Array.isArray(anyOf)) {
    const hint = "Say `public`, `signed-in`, or `{ anyOf: [...] }` with the roles of which one is needed."
    return [{ message: `The \`access\` of ${name} is ${JSON.stringify(access)}.`, hint, at }]
  }
  if (anyOf.length > 0) return []
  const message = `${method} ${path} of ${name} lets nobody in: its \`access\` names no role.`
  return [{ message, hint: "Name a role, or take its `http` out.", at }]
}

function fitsUrl(field: JsonSchema | undefined, input: JsonSchema, inPath: boolean): boolean {
  const schema = field ? dereferenced(field, input) : {}
  const types = new Set([schema["type"]].flat())
  if (types.has("object") || (inPath && types.has("array"))) return false
  const items = [schema["items"], schema["prefixItems"]].flat().filter(isJsonSchema)
  return items.every((item) => fitsUrl(item, input, true)) && choicesOf(schema, input).every((choice) => fitsUrl(choice, input, inPath))
}
