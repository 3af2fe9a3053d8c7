import { once } from "node:events"
import { connect } from "node:net"
import type { Socket } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { freePort } from "../testing/free-port.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { serve } from "../testing/serving.ts"

const project = {
  "package.json": '{ "name": "letters", "type": "module" }',
  "hanok.config.ts": `import { command, defineContract, defineModule, defineTopology } from "@hanok/contract"
import { z } from "zod"
const contract = defineContract("letter", {
  send: command({ input: z.object({ text: z.string() }), output: z.object({ size: z.int() }), access: "public", http: "POST /letters" }),
})
const handlers = { send: () => async ({ text }) => ({ size: text.length }) }
export default defineTopology({
  modules: [defineModule({ contract, owner: "team-letter", handlers })],
  gateway: { requestsPerSecond: 0 },
})
`,
}
const limits = { timeout: 120_000 }
const body = JSON.stringify({ text: "x".repeat(1_000_000) })

test(
  "clients that send much, and never all of it, do not fill a small container, and cost others nothing when they have gone",
  limits,
  async () => {
    const port = await freePort()
    const env = { HANOK_GATEWAY_PORT: String(port), NODE_OPTIONS: "--max-old-space-size=64" }
    serve(await projectWith(project), "main", env)
    await expect.poll(() => sendAll(port), { timeout: 30_000 }).toBe(200)
    const slow = await Promise.all(Array.from({ length: 100 }, () => sendMost(port)))
    expect(await Promise.race(slow.map(answerOf))).toMatch(/^HTTP\/1.1 503 [^]*"code":"OVERLOADED"/)
    for (const socket of slow) socket.destroy()
    await expect.poll(() => sendAll(port)).toBe(200)
  },
)

async function sendAll(port: number): Promise<number> {
  const headers = { "content-type": "application/json" }
  const response = await fetch(`http://127.0.0.1:${port}/letters`, { method: "POST", headers, body }).catch(() => undefined)
  return response?.status ?? 0
}

/** All but the last character. */
async function sendMost(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1")
  onTestFinished(() => void socket.destroy())
  socket.on("error", () => undefined)
  await once(socket, "connect")
  socket.write(`POST /letters HTTP/1.1\r\nhost: letters\r\ncontent-type: application/json\r\nconnection: close\r\n`)
  socket.write(`content-length: ${body.length}\r\n\r\n${body.slice(0, -1)}`)
  return socket
}

async function answerOf(socket: Socket): Promise<string> {
  const [data] = await once(socket, "data")
  return String(data)
}
