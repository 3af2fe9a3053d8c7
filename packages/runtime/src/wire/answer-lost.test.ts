import type { Socket } from "node:net"
import { expect, test } from "vitest"
import { createAddressBook } from "../discovery/address-book.ts"
import { isAnswerLost } from "../seam/answer-lost.ts"
import { callerOf, callOf, helloFrame, oddPeer, outcome } from "./fixture.ts"

/** A call to one that says hello, and never answers. */
async function unanswered() {
  const peer = await oddPeer((socket) => void socket.write(helloFrame()))
  const seam = callerOf([], { book: createAddressBook({ echo: [peer.address] }) })
  await expect.poll(() => seam.ready).toBe(1)
  return { peer, seam, pending: outcome(seam.send(callOf({}))) }
}

test.each([
  ["closes", (socket: Socket) => void socket.end()],
  ["resets", (socket: Socket) => void socket.resetAndDestroy()],
])("of a call whose callee %s the connection, as the system does for a process that has ended, its caller knows so", async (_how, ends) => {
  const { peer, pending } = await unanswered()
  for (const socket of peer.sockets) ends(socket)
  const error = await pending
  expect([isAnswerLost(error), error]).toMatchObject([true, { code: "UNAVAILABLE" }])
})

test("a callee that is silent, or that the caller itself leaves, is not taken for one whose process has ended", async () => {
  const silent = await unanswered()
  const left = await unanswered()
  await left.seam.close({ graceMs: 0 })
  for (const error of await Promise.all([silent.pending, left.pending]))
    expect([isAnswerLost(error), error]).toMatchObject([false, { code: "UNAVAILABLE" }])
})
