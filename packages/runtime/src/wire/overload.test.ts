import { once } from "node:events"
import { connect } from "node:net"
import type { Socket } from "node:net"
import { setImmediate as turn } from "node:timers/promises"
import { defineContract, defineModule, defineTopology, isFault, query } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import type { GateLoad } from "../resilience/service-load.ts"
import type { PendingReply } from "../seam/seam.ts"
import { FrameEncoder } from "./codec.ts"
import { callerOf, callOf, echoing, echoTopology, outcome, secret, serve } from "./fixture.ts"
import { frameKinds } from "./frame.ts"
import type { SeamServer } from "./seam-server.ts"
import { signServiceToken } from "./service-token.ts"

const text = { input: z.object({}), output: z.object({}) }
const contract = defineContract("echo", {
  browse: query({ ...text, priority: "low" }),
  echo: query(text),
  pay: query({ ...text, priority: "high" }),
})

function hangingSeam() {
  const begun: { readonly operation: string; end(): void }[] = []
  const send = ({ operation }: { readonly operation: string }): PendingReply => {
    const reply = new Promise<unknown>((resolve) => begun.push({ operation, end: () => resolve({}) }))
    return { reply, cancel: () => undefined }
  }
  return { begun, send }
}

test("more calls than are good are shed before they begin, the important ones last, and all others are answered", async () => {
  const seam = hangingSeam()
  const handlers = { browse: () => async () => ({}), echo: () => async () => ({}), pay: () => async () => ({}) }
  const topology = defineTopology({ modules: [defineModule({ contract, owner: "team-echo", handlers })] })
  const server = await serve(seam, topology, { contracts: [contract] })
  const caller = callerOf([server], { topology })
  const ask = (operation: string) => outcome(caller.send(callOf({}, { operation })))
  const browsing = Array.from({ length: 200 }, () => ask("browse"))
  const asking = Array.from({ length: 100 }, () => ask("echo"))
  await expect.poll(() => seam.begun.length).toBeGreaterThan(100)
  const paying = Array.from({ length: 10 }, () => ask("pay"))
  await expect.poll(() => seam.begun.filter(({ operation }) => operation === "pay").length).toBe(10)
  const shed = (await Promise.all(browsing.slice(150))).filter((error) => isFault(error, "OVERLOADED") && error.retryAfterMs === 100)
  expect(shed.length).toBe(50)
  await expect.poll(() => server.gate.load.queued).toBe(0)
  for (const call of seam.begun) call.end()
  const all = await Promise.all([...browsing, ...asking, ...paying])
  expect(all.filter((answer) => !isFault(answer)).length).toBe(seam.begun.length)
  expect(server.gate.load.inFlight).toBe(0)
  const { low, normal, high } = server.gate.counts.shed
  expect(low + normal + high).toBe(310 - seam.begun.length)
  expect(high).toBe(0)
})

test("what a call is worth is what its request is worth, not what the operation usually is", async () => {
  const seam = hangingSeam()
  const handlers = { browse: () => async () => ({}), echo: () => async () => ({}), pay: () => async () => ({}) }
  const topology = defineTopology({ modules: [defineModule({ contract, owner: "team-echo", handlers })] })
  const server = await serve(seam, topology, { contracts: [contract] })
  const caller = callerOf([server], { topology })
  const browsing = Array.from({ length: 200 }, () => outcome(caller.send(callOf({}, { operation: "browse" }))))
  await expect.poll(() => seam.begun.length).toBeGreaterThan(50)
  const full = seam.begun.length
  // Browsing fills what it may fill. The same operation within a payment still finds room, and paying for someone who browses does not.
  const within = caller.send(callOf({}, { operation: "browse", priority: "high" }))
  await expect.poll(() => seam.begun.length).toBe(full + 1)
  const above = outcome(caller.send(callOf({}, { operation: "pay", priority: "low" })))
  expect(await above).toMatchObject({ code: "OVERLOADED" })
  expect(seam.begun.length).toBe(full + 1)
  for (const call of seam.begun) call.end()
  await within.reply
  await Promise.all(browsing)
})

test("two modules that ask for more than there is, and get no answers, leave room for a third", async () => {
  const seam = hangingSeam()
  const server = await serve(seam)
  const caller = callerOf([server], { modules: ["order", "gift", "report"] })
  const ask = (module: string) => outcome(caller.send(callOf({ text: "x" }, { caller: module })))
  const first = ask("report")
  await expect.poll(() => seam.begun.length).toBe(1)
  const flood = Array.from({ length: 500 }, () => [ask("order"), ask("gift")]).flat()
  const shed = Promise.all(flood).then((answers) => answers.filter((error) => isFault(error, "OVERLOADED")).length)
  await expect.poll(() => server.gate.load.queued).toBeGreaterThan(500)
  await expect.poll(() => server.gate.load.queued).toBe(0)
  const begun = seam.begun.length
  const second = ask("report")
  await expect.poll(() => seam.begun.length).toBe(begun + 1)
  for (const call of seam.begun) call.end()
  expect([await first, await second, await shed]).toEqual([{}, {}, flood.length + 1 - begun])
})

test("a call that waits and is cancelled never begins", async () => {
  const seam = hangingSeam()
  const server = await serve(seam)
  const caller = callerOf([server])
  const calls = Array.from({ length: 200 }, () => caller.send(callOf({ text: "x" })))
  // A call of normal priority finds no room when nine tenths are taken; before that one may wait for a turn of the event loop.
  const isFull = ({ inFlight, limit, queued }: GateLoad) => queued > 0 && inFlight >= limit * 0.9
  // Looked at in each turn: what waits is told to come again before long.
  while (!isFull(server.gate.load)) await turn()
  const begun = seam.begun.length
  for (const call of calls) call.cancel()
  expect((await Promise.all(calls.map(outcome))).every((error) => isFault(error))).toBe(true)
  await expect.poll(() => server.gate.load.queued).toBe(0)
  for (const call of seam.begun) call.end()
  await expect.poll(() => server.gate.load.inFlight).toBe(0)
  expect(seam.begun.length).toBe(begun)
})

test("who does not read answers is not read from, until it does; nothing is lost", async () => {
  let begun = 0
  const answer = "x".repeat(256 * 1024)
  const server = await serve({ send: () => ((begun += 1), echoing.send(callOf({ text: answer }))) }, echoTopology)
  const socket = await connected(server)
  const encoder = new FrameEncoder()
  socket.write(encoder.encode(frameKinds.hello, { service: "shop", contracts: {} }))
  socket.write(encoder.encode(frameKinds.target, [0, "call", "order", "echo", "echo", null]))
  socket.pause()
  const total = 400
  // Padding, so that what the kernel holds for the server is only a part of the calls.
  for (let id = 1; id <= total; id++) {
    const call = [id, 0, 60_000, 1, 2, 3, 4, 5, 6, null, null, null, { text: "y".repeat(64 * 1024) }]
    socket.write(encoder.encode(frameKinds.calls, [call]))
  }
  await settled(() => begun)
  expect(begun).toBeLessThan(total)
  await expect.poll(() => server.held).toBe(1)
  let bytes = 0
  socket.on("data", (chunk: Buffer) => (bytes += chunk.length)).resume()
  while (bytes <= total * answer.length) await once(socket, "data")
  expect(begun).toBe(total)
  await expect.poll(() => server.held).toBe(0)
})

/** Waits until the value is above 0 and has stayed the same for a while. */
async function settled(look: () => number): Promise<void> {
  let [last, since] = [-1, 0]
  await expect
    .poll(() => {
      since = look() === last && last > 0 ? since + 1 : 0
      last = look()
      return since
    })
    .toBeGreaterThan(5)
}

async function connected(server: SeamServer): Promise<Socket> {
  const token = await signServiceToken({ secret, identity: { name: "shop", modules: ["order"], uses: [] } })
  const socket = connect(server.address.port, "127.0.0.1")
  onTestFinished(() => void socket.destroy())
  socket.write(`GET /hanok HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: hanok/1\r\nauthorization: Bearer ${token}\r\n\r\n`)
  await once(socket, "data")
  return socket
}

test("more calls than a connection carries at once are not sent, and told so", async () => {
  const caller = callerOf([await serve(echoing)])
  await expect.poll(() => caller.ready).toBe(1)
  const calls = Array.from({ length: 4_097 }, () => outcome(caller.send(callOf({ text: "x" }))))
  expect(await calls.at(-1)).toMatchObject({
    code: "OVERLOADED",
    retryAfterMs: 100,
    message: expect.stringContaining("not sent") as unknown,
  })
  expect(await calls[0]).toEqual({ text: "x" })
})
