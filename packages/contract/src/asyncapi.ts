import { eventsOf } from "./contract.ts"
import type { Contract } from "./contract.ts"
import { openly } from "./json-schema.ts"
import { createNamedSchemas } from "./openapi-schemas.ts"
import type { NamedSchemas } from "./openapi-schemas.ts"
import type { DocumentInfo } from "./openapi-document.ts"
import type { Event } from "./operation.ts"
import type { JsonSchema } from "./schema.ts"

/** An AsyncAPI 3 document, as far as contracts need it. */
export interface AsyncApiDocument {
  readonly asyncapi: "3.0.0"
  readonly info: DocumentInfo
  readonly defaultContentType: "application/json"
  readonly channels: Readonly<Record<string, JsonSchema>>
  readonly operations: Readonly<Record<string, JsonSchema>>
  readonly components: {
    readonly messages: Readonly<Record<string, JsonSchema>>
    readonly schemas: Readonly<Record<string, JsonSchema>>
  }
}

/** The AsyncAPI 3 document of the events that the contracts' modules emit, one channel for each. */
export function asyncApiOf(contracts: readonly Contract[], info: DocumentInfo): AsyncApiDocument {
  const named = createNamedSchemas()
  const events = contracts.flatMap((contract) =>
    eventsOf(contract).map(([name, event]) => ({ id: `${contract.name}.${name}`, name, event })),
  )
  return {
    asyncapi: "3.0.0",
    info,
    defaultContentType: "application/json",
    channels: Object.fromEntries(events.map(({ id, name }) => [id, channelOf(id, name)])),
    operations: Object.fromEntries(events.map(({ id, name }) => [`send.${id}`, sendingOf(id, name)])),
    components: {
      messages: Object.fromEntries(events.map(({ id, name, event }) => [id, messageOf(id, name, event, named)])),
      schemas: named.schemas,
    },
  }
}

function channelOf(id: string, name: string): JsonSchema {
  return { address: id, messages: { [name]: { $ref: `#/components/messages/${id}` } } }
}

function sendingOf(id: string, name: string): JsonSchema {
  return { action: "send", channel: { $ref: `#/channels/${id}` }, messages: [{ $ref: `#/channels/${id}/messages/${name}` }] }
}

function messageOf(id: string, name: string, event: Event, named: NamedSchemas): JsonSchema {
  const order = event.orderedBy === undefined ? "In no order." : `In order for equal \`${event.orderedBy}\`.`
  return {
    name,
    ...(event.summary === undefined ? {} : { summary: event.summary }),
    description: `Delivered at least once; \`id\` is the same for all deliveries of one event. ${order}`,
    headers,
    payload: named.place(payloadOf(event), `${id}_payload`),
  }
}

const headers: JsonSchema = {
  type: "object",
  required: ["id", "occurredAt", "traceparent"],
  properties: {
    id: { type: "string", format: "uuid" },
    occurredAt: { type: "integer", description: "Milliseconds since the epoch." },
    traceparent: { type: "string", description: "The span that emitted it (W3C Trace Context)." },
  },
}

// AsyncAPI's own schemas are those of draft 7.
function payloadOf(event: Event): JsonSchema {
  const { $schema: _, "~standard": __, ...schema } = event.payload["~standard"].jsonSchema.output({ target: "draft-07" })
  return openly(schema)
}
