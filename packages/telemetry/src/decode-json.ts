import type { Json } from "@hanok/contract"
import { spanKinds, statusError } from "./span.ts"
import type { SpanRecord } from "./span.ts"

type Fields = { readonly [name: string]: unknown }

/** The spans of an `ExportTraceServiceRequest` in OTLP/JSON: ids in hexadecimal, 64-bit numbers as text. Throws on what is not one. */
export function decodeTracesJson(body: unknown): readonly SpanRecord[] {
  return listOf(fieldsOf(body)["resourceSpans"]).flatMap((entry) => {
    const resource = attributesOf(fieldsOf(fieldsOf(entry)["resource"])["attributes"])
    const scopes = listOf(fieldsOf(entry)["scopeSpans"])
    return scopes.flatMap((scope) => listOf(fieldsOf(scope)["spans"]).map((span) => spanOf(fieldsOf(span), resource)))
  })
}

function spanOf(span: Fields, resource: SpanRecord["resource"]): SpanRecord {
  const status = fieldsOf(span["status"])
  const service = resource["service.name"]
  return {
    traceId: textOf(span["traceId"]).toLowerCase(),
    spanId: textOf(span["spanId"]).toLowerCase(),
    parentSpanId: textOf(span["parentSpanId"]).toLowerCase(),
    service: typeof service === "string" ? service : "",
    name: textOf(span["name"]),
    kind: spanKinds[Number(span["kind"] ?? 0)] ?? "unspecified",
    startNs: nanosecondsOf(span["startTimeUnixNano"]),
    endNs: nanosecondsOf(span["endTimeUnixNano"]),
    failed: Number(status["code"] ?? 0) === statusError,
    message: textOf(status["message"]),
    attributes: attributesOf(span["attributes"]),
    resource,
  }
}

function attributesOf(pairs: unknown): Readonly<Record<string, Json>> {
  const entries = listOf(pairs).map((pair) => [textOf(fieldsOf(pair)["key"]), valueOf(fieldsOf(fieldsOf(pair)["value"]))] as const)
  return Object.fromEntries(entries.filter(([key]) => key !== "__proto__"))
}

function valueOf(value: Fields): Json {
  if ("stringValue" in value) return textOf(value["stringValue"])
  if ("boolValue" in value) return value["boolValue"] === true
  if ("intValue" in value) return Number(value["intValue"])
  if ("doubleValue" in value) return Number(value["doubleValue"])
  if ("arrayValue" in value) return listOf(fieldsOf(value["arrayValue"])["values"]).map((entry) => valueOf(fieldsOf(entry)))
  if ("kvlistValue" in value) return attributesOf(fieldsOf(value["kvlistValue"])["values"])
  return null
}

function fieldsOf(value: unknown): Fields {
  if (value === undefined || value === null) return {}
  if (typeof value !== "object" || Array.isArray(value))
    throw new Error(`an object is expected where ${JSON.stringify(value).slice(0, 80)} stands`)
  return value as Fields
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new Error(`a list is expected where ${JSON.stringify(value).slice(0, 80)} stands`)
  return value
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}

function nanosecondsOf(value: unknown): bigint {
  return typeof value === "string" || typeof value === "number" ? BigInt(value) : 0n
}
