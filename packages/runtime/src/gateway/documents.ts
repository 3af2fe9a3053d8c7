import { openApiOf } from "@hanok/contract"
import type { DocumentInfo, Topology } from "@hanok/contract"
import type { FastifyInstance } from "fastify"
import { docsPage, docsPolicy } from "./docs/page.ts"
import type { Door } from "./door.ts"
import type { GatewayRoute } from "./routes.ts"

/** Serves what can be called from outside: `GET /openapi.json` for programs, `GET /docs` for reading. */
export function addDocuments(app: FastifyInstance, door: Door, topology: Topology, routes: readonly GatewayRoute[]): void {
  const info: DocumentInfo = { title: topology.name, version: "1" }
  const contracts = topology.modules.map(({ contract }) => contract)
  const openApi = () => JSON.stringify(openApiOf(contracts, { ...info, servers: ["/"] }))
  addDocument(app, door, "/openapi.json", openApi, {
    "content-type": "application/json; charset=utf-8",
    // It says nothing that differs by who asks, so tools on other sites may read it.
    "access-control-allow-origin": "*",
  })
  addDocument(app, door, "/docs", () => docsPage(info, routes), {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": docsPolicy,
    "referrer-policy": "no-referrer",
  })
}

// Written when it is first asked for, so that it delays no start.
function addDocument(app: FastifyInstance, door: Door, url: string, write: () => string, headers: Readonly<Record<string, string>>): void {
  let body: string | undefined
  app.get(url, {
    onRequest: (request, reply) => door.enter(request, reply).answer(200, Object.entries(headers).flat(), (body ??= write())),
    handler: () => undefined,
  })
}
