import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { constantFrom, array, assert, property, record } from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { createTelemetryServer } from "./server.ts"
import { createTelemetry } from "./telemetry.ts"
import { treeOf } from "./tree.ts"
import type { SpanNode } from "./tree.ts"

const traceId = "0af7651916cd43dd8448eb211c80319c"

function spanJson(spanId: string, parentSpanId: string, startMs: number) {
  const ns = (ms: number) => `${1_700_000_000_000 + ms}000000`
  return { traceId, spanId, parentSpanId, name: `span ${spanId[0]}`, kind: 2, startTimeUnixNano: ns(startMs), endTimeUnixNano: ns(startMs + 5), attributes: [{ key: "n", value: { intValue: "7" } }], status: { code: 2, message: "no" } } // prettier-ignore
}

function bodyOf(spans: readonly unknown[], service = "order") {
  const resource = { attributes: [{ key: "service.name", value: { stringValue: service } }] }
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-telemetry-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function serve(folder: string) {
  const telemetry = await createTelemetry({ folder, keptMs: 1e13 })
  const server = await createTelemetryServer({ telemetry, port: 0 })
  const close = async () => {
    await server.close()
    await telemetry.close()
  }
  return { url: server.url, close }
}

function send(url: string, body: string | Buffer, headers: Record<string, string> = {}) {
  return fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: new Uint8Array(Buffer.from(body)),
  })
}

test("what is received is returned as a tree, newest trace first, and is still there after a restart", async () => {
  const folder = await newFolder()
  const first = await serve(folder)
  const spans = [spanJson("a".repeat(16), "", 0), spanJson("b".repeat(16), "a".repeat(16), 1), spanJson("c".repeat(16), "d".repeat(16), 2)]
  expect((await send(first.url, bodyOf(spans))).status).toBe(200)
  await first.close()
  const second = await serve(folder)
  onTestFinished(second.close)
  const summaries = await (await fetch(`${second.url}/api/traces`)).json()
  expect(summaries).toMatchObject([{ traceId, name: "span a", spans: 3, services: ["order"], failed: 3, durationMs: 7 }])
  const tree = await (await fetch(`${second.url}/api/traces/${traceId}`)).json()
  expect(tree).toMatchObject({
    roots: [
      {
        name: "span a",
        service: "order",
        kind: "server",
        failed: true,
        message: "no",
        attributes: { n: 7 },
        children: [{ name: "span b" }],
      },
    ],
    orphans: [{ name: "span c" }],
  })
  expect((await fetch(`${second.url}/api/traces/${"f".repeat(32)}`)).status).toBe(404)
})

test("gzip is understood, and a body that unpacks beyond all measure is refused", async () => {
  const server = await serve(await newFolder())
  onTestFinished(server.close)
  const gzip = { "content-encoding": "gzip" }
  expect((await send(server.url, gzipSync(bodyOf([spanJson("a".repeat(16), "", 0)])), gzip)).status).toBe(200)
  expect((await send(server.url, gzipSync(Buffer.alloc(64 * 1024 * 1024)), gzip)).status).toBe(400)
})

test("malformed bodies get a 4xx, invalid spans are counted and the others kept", async () => {
  const server = await serve(await newFolder())
  onTestFinished(server.close)
  for (const body of ["", "{", "[]", '{"resourceSpans":7}', '{"resourceSpans":[[]]}'])
    expect((await send(server.url, body)).status).toBe(400)
  for (let length = 1; length < 200; length++) {
    const body = Buffer.from(Array.from({ length }, (_, index) => (index * 31 + length * 17) % 256))
    expect((await send(server.url, body, { "content-type": "application/x-protobuf" })).status).toBeLessThan(500)
  }
  expect((await send(server.url, "x", { "content-type": "text/plain" })).status).toBe(415)
  const mixed = await send(server.url, bodyOf([spanJson("short", "", 0), spanJson("a".repeat(16), "", 0)]))
  expect([mixed.status, await mixed.json()]).toEqual([200, { partialSuccess: { rejectedSpans: "1" } }])
})

test("a file that is no database is named, with what to do", async () => {
  const folder = await newFolder()
  await writeFile(join(folder, "telemetry.duckdb"), "not a database at all, but long enough to look like something")
  await expect(createTelemetry({ folder })).rejects.toThrow(/cannot be opened: .*delete the file to begin anew/s)
})

test("every span is in the tree once, whatever its parents are", () => {
  const id = constantFrom("1", "2", "3", "4", "5", "6")
  const span = record({ spanId: id, parentSpanId: constantFrom("", "1", "2", "3", "4", "5", "6", "9") })
  assert(
    property(array(span), (some) => {
      const spans = some.map((each, index) => ({ ...each, traceId, service: "s", name: "n", kind: "internal" as const, startNs: BigInt(index), endNs: BigInt(index), failed: false, message: "", attributes: {}, resource: {} })) // prettier-ignore
      const { roots, orphans } = treeOf(traceId, spans)
      const ids = (node: SpanNode): readonly string[] => [node.span.spanId, ...node.children.flatMap(ids)]
      const found = [...roots, ...orphans].flatMap(ids)
      expect(found.toSorted()).toEqual([...new Set(spans.map(({ spanId }) => spanId))].toSorted())
    }),
  )
})
