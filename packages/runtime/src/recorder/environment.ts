import { wrongSetting } from "@hanok/contract"
import type { RecordedAttributes } from "./recorded-value.ts"
import type { Protocol, RecorderOptions } from "./recorder.ts"

type Env = Readonly<Record<string, string | undefined>>

/**
 * What OpenTelemetry's environment variables say about exporting
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and .../configuration/sdk-environment-variables/): endpoint, headers and
 * protocol, those for traces before those for all; `OTEL_SERVICE_NAME` before `OTEL_RESOURCE_ATTRIBUTES` before `resource`.
 * With `OTEL_SDK_DISABLED` there is no endpoint.
 * Throws when one cannot be understood, and names it.
 */
export function recorderOptionsOf(
  env: Env,
  resource: RecordedAttributes,
): Pick<RecorderOptions, "resource" | "endpoint" | "tracesEndpoint" | "headers" | "protocol"> {
  const [tracesEndpoint, endpoint] = isDisabled(env) ? [] : endpoints.map((name) => urlOf(env, name))
  const service = valueOf(env, "OTEL_SERVICE_NAME")
  return {
    resource: {
      ...resource,
      ...pairsOf(env, "OTEL_RESOURCE_ATTRIBUTES"),
      ...(service === undefined ? {} : { "service.name": service }),
    },
    headers: { ...pairsOf(env, "OTEL_EXPORTER_OTLP_HEADERS"), ...pairsOf(env, "OTEL_EXPORTER_OTLP_TRACES_HEADERS") },
    protocol: protocolOf(env, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? protocolOf(env, "OTEL_EXPORTER_OTLP_PROTOCOL") ?? "http/protobuf",
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(tracesEndpoint === undefined ? {} : { tracesEndpoint }),
  }
}

/** Whether they neither say where spans go nor that there are none: whoever starts a service may then name a place. */
export function leavesSpansOpen(env: Env): boolean {
  return !isDisabled(env) && endpoints.every((name) => valueOf(env, name) === undefined)
}

const endpoints = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"] as const

// The specification takes only this for true, in whatever case.
function isDisabled(env: Env): boolean {
  return valueOf(env, "OTEL_SDK_DISABLED")?.toLowerCase() === "true"
}

// An empty variable is one that is not set: so OpenTelemetry has it.
function valueOf(env: Env, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === "" ? undefined : value
}

function urlOf(env: Env, name: string): string | undefined {
  const value = valueOf(env, name)
  if (value === undefined || /^https?:$/.test(URL.parse(value)?.protocol ?? "")) return value
  throw wrongSetting(`${name} is "${value}"; it takes a URL such as http://localhost:4318.`)
}

function protocolOf(env: Env, name: string): Protocol | undefined {
  const value = valueOf(env, name)
  if (value === undefined || value === "http/protobuf" || value === "http/json") return value
  throw wrongSetting(`${name} is "${value}"; spans are exported by http/protobuf (usual) or http/json.`)
}

/** `name=value` pairs, separated by commas and percent-encoded, as in W3C Baggage. */
function pairsOf(env: Env, name: string): Readonly<Record<string, string>> {
  const pairs = (valueOf(env, name) ?? "").split(",").filter((pair) => pair.trim() !== "")
  return Object.fromEntries(pairs.map((pair) => pairOf(pair, name)))
}

function pairOf(pair: string, variable: string): readonly [string, string] {
  const at = pair.indexOf("=")
  try {
    if (at > 0) return [decodeURIComponent(pair.slice(0, at).trim()), decodeURIComponent(pair.slice(at + 1).trim())]
  } catch {
    // Said below. The value may be a secret, so it is not shown.
  }
  throw wrongSetting(
    `${variable} has "${pair.slice(0, Math.max(0, at)).trim()}"; it takes name=value pairs, separated by commas, percent-encoded.`,
  )
}
