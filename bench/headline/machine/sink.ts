import { createServer } from "node:http"

/*
 * Takes what is exported to it (OTLP over HTTP) at the port that it is told and throws it away.
 * Whatever message its parent sends is answered with how many bytes have come, by the first part of the path.
 */
const bytes: Record<string, number> = {}
const server = createServer((request, response) => {
  const name = request.url?.split("/")[1] ?? ""
  request.on("data", (chunk: Buffer) => (bytes[name] = (bytes[name] ?? 0) + chunk.length))
  request.on("end", () => response.writeHead(200, { "content-type": "application/x-protobuf" }).end())
})
server.listen(Number(process.argv[2]), "127.0.0.1", () => process.send?.(bytes))
process.on("message", () => process.send?.(bytes))
process.once("disconnect", () => process.exit())
