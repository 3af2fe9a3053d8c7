import { createServer } from "node:http"
import type { IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** An OTLP receiver on a free port. `answer` says the status (and headers and body) of each request; `undefined` never answers. */
export async function createReceiver(
  answer: (index: number) => readonly [number, Record<string, string>?, (string | Buffer)?] | undefined = () => [200],
) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("error", () => undefined)
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) })
      const [status, headers = {}, body] = answer(received.length - 1) ?? []
      if (status !== undefined) response.writeHead(status, headers).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on TCP has an AddressInfo.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, received, spans: () => received.flatMap(({ body }) => spansIn(JSON.parse(body.toString()))) }
}

/** A span of OTLP/JSON, as far as tests look into it. */
export interface SpanJson {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: unknown
  readonly events?: readonly unknown[]
  readonly links?: readonly unknown[]
  readonly status?: unknown
  readonly scope: unknown
}

interface RequestJson {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly scope: unknown; readonly spans: readonly SpanJson[] }[] }[]
}

function spansIn({ resourceSpans }: RequestJson): readonly SpanJson[] {
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => Object.assign(span, { scope }))),
  )
}
