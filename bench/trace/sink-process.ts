import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { answerMessages } from "../harness/child.ts"

// Its core is also the callee's and the load's, and it is not what is measured: it takes what is left over, and gives it back at once.
execFileSync("chrt", ["--all-tasks", "--idle", "--pid", "0", String(process.pid)])

/** Spans that came in, by the first part of the URL's path. */
const counts: Record<string, number> = {}

const server = createServer((request, response) => {
  const [, name = ""] = (request.url ?? "").split("/")
  const chunks: Buffer[] = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    counts[name] = (counts[name] ?? 0) + countOf(Buffer.concat(chunks), spanPath)
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end()
  })
})
server.listen(0, "127.0.0.1")
await once(server, "listening")
// A TCP server's address is always this.
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
answerMessages(() => ({ url, counts }))

/** Where an `ExportTraceServiceRequest` has its spans: resource_spans, scope_spans, spans. */
const spanPath = [1, 2, 2]

/** How many messages a protobuf message has at a path of field numbers. All that is not on the path is passed over. */
function countOf(bytes: Buffer, [field = 0, ...rest]: readonly number[]): number {
  let [count, at] = [0, 0]
  const varint = () => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++]
      if (byte === undefined) throw new RangeError("A request ends within a number.")
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    if ((tag & 7) !== 2) throw new RangeError(`Field ${tag >> 3} is no message.`)
    const size = varint()
    if (tag >> 3 === field) count += rest.length === 0 ? 1 : countOf(bytes.subarray(at, at + size), rest)
    at += size
  }
  return count
}
