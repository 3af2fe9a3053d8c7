import { once } from "node:events"
import { connect } from "node:net"
import type { Socket } from "node:net"
import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { startService } from "./service.ts"

const env = {
  HANOK_SECRET: "a secret for the tests of computing",
  HANOK_GATEWAY_PORT: "0",
  HANOK_LOG_LEVEL: "silent",
}

const reportContract = defineContract("report", {
  year: query({ input: z.object({}), output: z.object({ runs: z.number() }), http: "GET /year", access: "public" }),
})

test("while requests compute without a pause, who asks whether the process lives is answered between them, and whom there is no time for is shed", async () => {
  let runs = 0
  const report = defineModule({
    contract: reportContract,
    owner: "t",
    handlers: {
      year: () => () => {
        const until = performance.now() + 20
        while (performance.now() < until);
        return { runs: ++runs }
      },
    },
  })
  const running = await startService({
    topology: defineTopology({ modules: [report] }),
    service: "main",
    env,
    discovery: createAddressBook(),
  })
  onTestFinished(() => running.close({ graceMs: 0 }))
  const { port } = new URL(running.gatewayUrl ?? expect.fail())
  const requests = await Promise.all(Array.from({ length: 100 }, () => open(Number(port))))
  const probe = await open(Number(port))
  const answers = requests.map((socket) => ask(socket, "/year"))
  const runsWhenProbed = ask(probe, "/health/live").then((answer) => [answer.split("\r\n")[0], runs] as const)
  const [status, before] = await runsWhenProbed
  expect(status).toBe("HTTP/1.1 200 OK")
  expect(before).toBeLessThan(50)
  const all = await Promise.all(answers)
  const [carriedOut, shed] = ["HTTP/1.1 200 ", "HTTP/1.1 503 "].map((start) => all.filter((answer) => answer.startsWith(start)))
  expect(carriedOut?.length).toBe(runs)
  expect(shed?.length).toBe(all.length - runs)
  expect(shed?.[0]).toContain("The gateway is kept busy by calls that compute without a pause")
})

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1")
  onTestFinished(() => void socket.destroy())
  // Until it is answered the gateway may not have taken the connection.
  socket.write("GET /health/live HTTP/1.1\r\nhost: shop\r\n\r\n")
  await once(socket, "data")
  return socket
}

/** Resolves to the whole answer. */
async function ask(socket: Socket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n`)
  let answer = ""
  for await (const piece of socket) answer += String(piece)
  return answer
}
