import { expect, test } from "vitest"
import { recorderOptionsOf } from "./environment.ts"

const resource = { "service.name": "order", "service.namespace": "shop" }

test("without variables nothing is exported, and the resource is as given", () => {
  expect(recorderOptionsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: " " }, resource)).toEqual({ resource, headers: {}, protocol: "http/protobuf" })
})

test("what is said of traces comes before what is said of all, the service's name before the resource's", () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example/otlp",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20a, tenant=one",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "tenant=two",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test,service.name=from-attributes",
    OTEL_SERVICE_NAME: "checkout",
  }
  expect(recorderOptionsOf(env, resource)).toEqual({
    resource: { "service.name": "checkout", "service.namespace": "shop", "deployment.environment.name": "test" },
    endpoint: "http://collector:4318/",
    tracesEndpoint: "https://traces.example/otlp",
    headers: { authorization: "Bearer a", tenant: "two" },
    protocol: "http/json",
  })
})

test("what is disabled as a whole exports nothing, wherever it is told to", () => {
  const endpoints = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://traces:4318" }
  const told = (value: string) => Object.keys(recorderOptionsOf({ ...endpoints, OTEL_SDK_DISABLED: value }, resource))
  for (const value of ["true", " TRUE "]) expect(told(value)).toEqual(["resource", "headers", "protocol"])
  for (const value of ["false", "1", ""]) expect(told(value)).toContain("endpoint")
})

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" }, 'OTEL_EXPORTER_OTLP_ENDPOINT is "localhost:4318"; it takes a URL such as'],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, 'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; spans are exported by http/protobuf'],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "secret" }, 'OTEL_EXPORTER_OTLP_HEADERS has ""; it takes name=value pairs'],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "=secret" }, 'OTEL_EXPORTER_OTLP_HEADERS has ""; it takes name=value pairs'],
  [{ OTEL_RESOURCE_ATTRIBUTES: "a=%E0%A4%A" }, 'OTEL_RESOURCE_ATTRIBUTES has "a"; it takes name=value pairs'],
])("%o is refused by name", (env, message) => {
  expect(() => recorderOptionsOf(env, resource)).toThrow(message)
})
