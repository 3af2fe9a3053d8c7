import { readFileSync } from "node:fs"
import { connect, createServer as createLink } from "node:net"
import type { AddressInfo, Socket } from "node:net"
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises"
import { Fault, query } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import type { Seam } from "../seam/seam.ts"
import { askerOf, callerOf, callOf, echoing, helloFrame, oddPeer, outcome, serve } from "./fixture.ts"

test("a caller that was held up itself does not take its callees for dead", async () => {
  const begun = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<unknown>()
  const server = await serve({ send: () => (begun.resolve(), { reply: finish.promise, cancel: () => undefined }) })
  const pending = outcome(callerOf([server]).send(callOf({})))
  await begun.promise
  // As long garbage collection, a frozen machine or code that never waits would.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_200)
  await sleep(100)
  finish.resolve({ text: "late" })
  expect(await pending).toEqual({ text: "late" })
})

test("a caller that was held up itself beyond the time of its calls goes on calling whom it could not hear meanwhile", async () => {
  let [begun, isHanging] = [0, true]
  const send: Seam["send"] = (call) => (
    begun++,
    isHanging ? { reply: new Promise(() => undefined), cancel: () => undefined } : echoing.send(call)
  )
  const seam = callerOf([await serve({ send })])
  const ask = askerOf(seam, query({ input: z.object({}), output: z.object({}), retries: 0 }))
  const late = Promise.all(Array.from({ length: 20 }, () => ask({}, { timeoutMs: 1_000 })))
  await expect.poll(() => begun).toBe(20)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500)
  isHanging = false
  for (const [given] of await late) expect(given).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  expect((await ask({}))[0]).toEqual({})
})

test("a call that waits for a replica is sent when one is there, though its caller was held up for as long as calls wait", async () => {
  const seam = callerOf([await serve(echoing)])
  const pending = outcome(seam.send(callOf({ text: "hello" })))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500)
  expect(await pending).toEqual({ text: "hello" })
})

test("of a connection on which nothing is asked the system finds out, at both its ends, whether the other end is still there", async () => {
  const { address } = await serve(echoing)
  const seam = callerOf([], { book: createAddressBook({ echo: [address] }) })
  await expect.poll(() => seam.ready).toBe(1)
  const port = address.port.toString(16).toUpperCase().padStart(4, "0")
  // Of proc(5): local and remote address, state (01 is established), queues, and which timer runs: 02 is that of keepalive.
  const timers = () =>
    readFileSync("/proc/net/tcp", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = "", remote = "", state]) => state === "01" && (local.endsWith(`:${port}`) || remote.endsWith(`:${port}`)))
      .map(([, , , , , timer = ""]) => timer.slice(0, 2))
  await expect.poll(timers).toEqual(["02", "02"])
})

test("who takes a connection and never says hello is tried again", async () => {
  const mute = await oddPeer(() => undefined)
  callerOf([], { book: createAddressBook({ echo: [mute.address] }) })
  await expect.poll(() => mute.sockets.length).toBeGreaterThan(1)
})

test("a replica that has vanished without a word is sought again, also when no call waits for it as long as that takes", async () => {
  const vanished = await oddPeer((socket) => void socket.write(helloFrame()))
  const seam = callerOf([], { book: createAddressBook({ echo: [vanished.address] }) })
  await expect.poll(() => seam.ready).toBe(1)
  const ask = askerOf(seam, query({ input: z.object({}), output: z.object({}) }))
  while (vanished.sockets.length === 1) expect((await ask({}, { timeoutMs: 700 }))[0]).toBeInstanceOf(Fault)
})

/** Stands between a caller and `port`, and takes so many bytes in a millisecond from the caller. */
async function slowLinkTo(port: number, bytesPerMs: number): Promise<number> {
  const sockets: Socket[] = []
  const link = createLink((front) => {
    const back = connect(port, "127.0.0.1")
    sockets.push(front, back)
    back.pipe(front)
    front.on("data", (chunk: Buffer) => {
      back.write(chunk)
      front.pause()
      setTimeout(() => front.resume(), chunk.length / bytesPerMs)
    })
  })
  await new Promise<void>((resolve) => link.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    link.close()
  })
  return (link.address() as AddressInfo).port
}

test("a large input on a slow link is no silence", async () => {
  const server = await serve({ send: () => ({ reply: Promise.resolve({ text: "all of it" }), cancel: () => undefined }) })
  const port = await slowLinkTo(server.address.port, 2_500)
  const caller = callerOf([], { book: createAddressBook({ echo: [{ host: "127.0.0.1", port }] }) })
  const pending = caller.send(callOf({ text: "x".repeat(15 * 1024 * 1024) }, { remainingMs: 60_000 }))
  expect(await outcome(pending)).toEqual({ text: "all of it" })
})

test("many inputs on a slow link are no silence, though nothing is answered before the last of them", async () => {
  const [count, all] = [60, Promise.withResolvers<unknown>()]
  let came = 0
  const server = await serve({
    send: () => {
      if (++came === count) all.resolve({ text: "all of them" })
      return { reply: all.promise, cancel: () => undefined }
    },
  })
  const port = await slowLinkTo(server.address.port, 2_500)
  const caller = callerOf([], { book: createAddressBook({ echo: [{ host: "127.0.0.1", port }] }) })
  await expect.poll(() => caller.ready).toBe(1)
  const pending: Promise<unknown>[] = []
  while (pending.length < count) {
    pending.push(outcome(caller.send(callOf({ text: "x".repeat(200_000) }, { remainingMs: 60_000 }))))
    // In a frame of its own.
    await turn()
  }
  for (const given of await Promise.all(pending)) expect(given).toEqual({ text: "all of them" })
})
