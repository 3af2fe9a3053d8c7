import { eventsOf, operationsOf } from "./contract.ts"
import type { Contract } from "./contract.ts"
import { faultCodes } from "./fault.ts"
import type { Module } from "./module.ts"
import type { Operation } from "./operation.ts"
import { schemaTroubles } from "./schema-compatibility.ts"
import { jsonSchemaOf } from "./schema.ts"
import type { Schema } from "./schema.ts"
import type { WiringProblem } from "./wiring-error.ts"

/** Contracts whose names, schemas, refusals or limits cannot be, and contracts with more than one owner. */
export function checkContracts(modules: readonly Module[]): readonly WiringProblem[] {
  const contracts = [...new Set(modules.map(({ contract }) => contract))]
  const ofEach = [checkName, checkSchemas, checkPayloads, checkRefusals, checkLimits]
  return [...checkOwners(modules), ...ofEach.flatMap((check) => contracts.flatMap(check))]
}

function checkOwners(modules: readonly Module[]): readonly WiringProblem[] {
  const byName = Map.groupBy(modules, ({ contract }) => contract.name)
  return [...byName].flatMap(([name, owners]) => {
    const [first, ...others] = owners
    return others.map((other) => ({
      message: `The contract ${name} has two owners${first?.definedAt === undefined ? "" : `, the other at ${first.definedAt}`}.`,
      hint: "A contract belongs to one module: take one of them out of the topology, or give its contract another name.",
      at: other.definedAt,
    }))
  })
}

/** The caller's name for what comes in through the gateway, which no module can have. */
export const gatewayCaller = "gateway"

const namePattern = /^[a-z][a-z0-9-]*$/

function checkName({ name, definedAt }: Contract): readonly WiringProblem[] {
  if (name === gatewayCaller) {
    const hint = "Call the module otherwise; a service may be called so."
    return [{ message: `"${name}" cannot be a contract's name: it is that of the way in from outside.`, hint, at: definedAt }]
  }
  if (namePattern.test(name)) return []
  const hint = "Begin with a letter; use lower case, digits and dashes: `gift`, `gift-card`."
  return [{ message: `"${name}" cannot be a contract's name.`, hint, at: definedAt }]
}

function checkSchemas(contract: Contract): readonly WiringProblem[] {
  const ofOperations = operationsOf(contract).flatMap(([name, operation]) => operationSchemas(`${contract.name}.${name}`, operation))
  const ofEvents = eventsOf(contract).map(([name, { payload, definedAt: at }]) => {
    // Its emitter sends what comes out, which its subscribers put in again.
    return { what: `the payload of ${contract.name}.${name}`, trouble: troubleOf(payload, "output") ?? troubleOf(payload, "input"), at }
  })
  return [...ofOperations, ...ofEvents].flatMap(({ what, trouble, at }) => {
    return trouble === undefined
      ? []
      : [{ message: `There is no ${trouble.missing ?? "JSON Schema"} for ${what}: ${trouble.why}.`, hint: trouble.hint, at }]
  })
}

function checkPayloads(contract: Contract): readonly WiringProblem[] {
  return eventsOf(contract).flatMap(([name, { payload, definedAt: at }]) => {
    if (troubleOf(payload, "output") ?? troubleOf(payload, "input")) return []
    const [from, to] = [jsonSchemaOf(payload, "output"), jsonSchemaOf(payload, "input")]
    return schemaTroubles({ from, to, at: "payload", extrasRefused: true }).map(({ field, problem }) => ({
      message: `What comes out of the payload's schema of ${contract.name}.${name} does not go into it again: ${field}: ${problem}.`,
      hint: "An event is parsed where it is emitted, and again where it is taken: transform a value before or after that, not in the schema.",
      at,
    }))
  })
}

interface Trouble {
  /** The JSON Schema when not given. */
  readonly missing?: string
  readonly why: string
  readonly hint: string
}

const jsonHint =
  "A contract carries JSON only: text for dates (`z.iso.datetime()`), numbers or text for big integers, no transforms, no classes."
const libraryHint =
  "Zod from 4.2 on (not Zod Mini) and ArkType describe their schemas; wrap one of Valibot with `toStandardJsonSchema` of `@valibot/to-json-schema`, " +
  "and one of Effect with both `Schema.toStandardSchemaV1` and `Schema.toStandardJSONSchemaV1`."

function operationSchemas(name: string, { input, output, refusals, definedAt: at }: Operation) {
  return [
    // A seam copies what the schema makes of it as that declares.
    { what: `the input of ${name}`, trouble: troubleOf(input, "input") ?? troubleOf(input, "output"), at },
    { what: `the output of ${name}`, trouble: troubleOf(output, "output"), at },
    ...Object.entries(refusals).map(([code, { schema }]) => ({
      what: `the refusal ${code} of ${name}`,
      trouble: troubleOf(schema, "output"),
      at,
    })),
  ]
}

function troubleOf(schema: Schema, side: "input" | "output"): Trouble | undefined {
  // A program without types may have given anything, and an older library's schemas only check.
  const { vendor, validate, jsonSchema }: Partial<Schema["~standard"]> = (schema as Partial<Schema> | undefined)?.["~standard"] ?? {}
  if (vendor === undefined) return { why: "what stands there is no schema", hint: libraryHint }
  if (jsonSchema === undefined) return { why: `its library, ${vendor}, does not describe it`, hint: libraryHint }
  if (validate === undefined) return { missing: "check", why: `its library, ${vendor}, only describes it`, hint: libraryHint }
  try {
    jsonSchemaOf(schema, side)
    return undefined
  } catch (error) {
    const [why = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1)
    return { why: why.replace(/\.$/, ""), hint: jsonHint }
  }
}

function checkRefusals(contract: Contract): readonly WiringProblem[] {
  return operationsOf(contract).flatMap(([name, { refusals, definedAt: at }]) =>
    Object.entries(refusals).flatMap(([code, { status }]) => {
      const what = `The refusal ${code} of ${contract.name}.${name}`
      const taken = Object.hasOwn(faultCodes, code)
        ? [{ message: `${what} has the code of a fault.`, hint: `Use another; taken are ${Object.keys(faultCodes).join(", ")}.`, at }]
        : []
      if (Number.isInteger(status) && status >= 400 && status <= 499) return taken
      return taken.concat({ message: `${what} has the HTTP status ${status}.`, hint: "A refusal's status is from 400 to 499.", at })
    }),
  )
}

/** What is called for a request, or by a program, has five minutes altogether. */
const longestTimeoutMs = 300_000

// Often read from the environment, where what is missing is no number, with which nothing would ever end.
function checkLimits(contract: Contract): readonly WiringProblem[] {
  return operationsOf(contract).flatMap(([name, { timeoutMs, retries, hedgeAfterMs, definedAt: at }]) => {
    const limits = [
      { field: "timeoutMs", value: timeoutMs, min: 1, max: longestTimeoutMs },
      { field: "retries", value: retries, min: 0, max: Number.MAX_SAFE_INTEGER },
      { field: "hedgeAfterMs", value: hedgeAfterMs ?? 0, min: 0, max: longestTimeoutMs },
    ]
    return limits
      .filter(({ value, min, max }) => !(value >= min && value <= max))
      .map(({ field, value, min, max }) => ({
        message: `The \`${field}\` of ${contract.name}.${name} is ${value}.`,
        hint: `Give a number from ${min} ${max === longestTimeoutMs ? `to ${max}` : "on"}.`,
        at,
      }))
  })
}
