import { createServer } from "node:http"

/* Node's own HTTP server with nothing behind it: the same reply to whatever comes, about as long as the shop's are. */
const body = JSON.stringify({
  items: Array.from({ length: 8 }, (_, number) => ({ itemId: `item-${number}`, name: "a moon jar", priceCents: number })),
})
const headers = { "content-type": "application/json; charset=utf-8", "content-length": Buffer.byteLength(body) }
const server = createServer((_, response) => response.writeHead(200, headers).end(body))
server.listen(Number(process.argv[2]), "127.0.0.1", () => process.send?.("listening"))
process.once("disconnect", () => process.exit())
