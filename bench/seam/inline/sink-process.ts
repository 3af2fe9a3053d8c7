import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { setPriority } from "node:os"
import { answerMessages } from "../../harness/child.ts"

// A collector is elsewhere: this one takes little of its core, and what is measured says so if that is too little. The time that is
// left over (19) is not enough where a hundred megabytes of spans come in a second.
setPriority(10)
const server = createServer((request, response) => {
  request.resume().once("end", () => response.writeHead(200, { "content-type": "application/x-protobuf" }).end())
})
server.listen(0, "127.0.0.1")
await once(server, "listening")
// A TCP server's address is always this.
answerMessages(() => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
