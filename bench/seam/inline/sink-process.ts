import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { setPriority } from "node:os"
import { answerMessages } from "../../harness/child.ts"

// A collector is elsewhere: this one takes the time that is left over. What is measured says so if that is too little.
setPriority(19)
const server = createServer((request, response) => {
  request.resume().once("end", () => response.writeHead(200, { "content-type": "application/x-protobuf" }).end())
})
server.listen(0, "127.0.0.1")
await once(server, "listening")
// A TCP server's address is always this.
answerMessages(() => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
