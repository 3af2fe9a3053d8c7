export { asyncApiOf } from "./asyncapi.ts"
export type { AsyncApiDocument } from "./asyncapi.ts"
export { defineAdapter } from "./adapter.ts"
export type { Adapter, AdapterHost, Filled, PortOf, Store, Transaction } from "./adapter.ts"
export { canonicalJson } from "./canonical-json.ts"
export { checkTopology } from "./check-topology.ts"
export { gatewayCaller } from "./check-topology-contracts.ts"
export { gatewayPaths } from "./check-topology-routes.ts"
export { createClient } from "./client-http.ts"
export type { HttpCallOptions, HttpClient, HttpClientOptions, HttpOperationName } from "./client-http.ts"
export type { CallOptions, Client } from "./client.ts"
export type { Attributes, Context, HandlerContext, Identity, Logger, Span, SpanKind, TraceContext } from "./context.ts"
export { callIncompatibilities, eventIncompatibilities } from "./compatibility.ts"
export type { Incompatibility } from "./compatibility.ts"
export { defineContract, eventsOf, operationsOf } from "./contract.ts"
export type {
  CallInput,
  CallOutput,
  Contract,
  Declarations,
  EventInput,
  EventName,
  EventPayload,
  HandlerInput,
  HandlerOutput,
  OperationName,
  RefusalsOf,
} from "./contract.ts"
export { describeContract } from "./describe.ts"
export type { ContractDescription, EventDescription, OperationDescription } from "./describe.ts"
export { Fault, faultCodes, isFault } from "./fault.ts"
export type { FaultCode, FaultOptions, Issue } from "./fault.ts"
export { httpBindingOf } from "./http-binding.ts"
export type { HttpBinding, HttpMethod, HttpParts } from "./http-binding.ts"
export type { Begun, Journal, Outcome } from "./journal.ts"
export { dereferenced } from "./json-schema.ts"
export { defineModule, fill } from "./module.ts"
export type { Emitter, Handler, Handlers, Job, Module, ModuleWiring, Needs, Ports, Reaction, Reactions, Uses } from "./module.ts"
export type { DocumentInfo, OpenApiDocument, OpenApiOperation, OpenApiParameter, OpenApiResponse } from "./openapi-document.ts"
export { internalOpenApiOf } from "./openapi-internal.ts"
export { openApiOf } from "./openapi.ts"
export type { OpenApiOptions } from "./openapi.ts"
export { command, event, query, refusal } from "./operation.ts"
export type {
  Access,
  Command,
  Declaration,
  Event,
  HttpRoute,
  Operation,
  Priority,
  Query,
  RefusalDeclaration,
  RefusalDeclarations,
} from "./operation.ts"
export type { Delivery, EventEnvelope, LeaseLimits, Outbox, OutboxWriter, ParkedDelivery, ReactionLimit, WhichParked } from "./outbox.ts"
export { fieldPatternsOf, parametersOf, pathPatternOf } from "./path-template.ts"
export { errorOf, problemMediaType, problemOf } from "./problem.ts"
export type { Problem } from "./problem.ts"
export { isRefusal, Refusal, refusalOf } from "./refusal.ts"
export type { RefusalUnion } from "./refusal.ts"
export { jsonSchemaOf, validateAtOnce } from "./schema.ts"
export type { InputOf, Json, JsonSchema, OutputOf, Schema, Serialisable } from "./schema.ts"
export { defineTopology, mainService, serviceOf } from "./topology.ts"
export type { GatewayOptions, Replicas, Service, ServiceOptions, Topology, TopologyOptions } from "./topology.ts"
export { WiringError } from "./wiring-error.ts"
export type { WiringProblem } from "./wiring-error.ts"
export { wrongSetting } from "./wrong-setting.ts"
