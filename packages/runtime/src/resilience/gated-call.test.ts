import { Fault } from "@hanok/contract"
import { expect, test } from "vitest"
import type { PendingReply } from "../seam/seam.ts"
import { Gate } from "./gate.ts"
import { GatedCall } from "./gated-call.ts"

class TestCall extends GatedCall {
  readonly heard: unknown[] = []
  readonly #begin: () => PendingReply

  constructor(gate: Gate, begin: () => PendingReply) {
    super(gate, gate.operation("order.place", "normal"), gate.compartment("gateway"))
    this.#begin = begin
  }

  protected send(): PendingReply {
    return this.#begin()
  }

  protected succeeded(output: unknown): void {
    this.heard.push(output)
  }

  protected failed(error: unknown): void {
    this.heard.push(error)
  }
}

const gateFor = (most: number) => new Gate({ name: "stock", most, least: 1, allowanceMs: 10, patientMs: 100, retryAfterMs: 100 })

test("however a call ends, also where it cannot even be begun, it is told once and leaves room", async () => {
  const fault = new Fault("UNAVAILABLE", "No replica of stock can be reached.")
  const ways: readonly [() => PendingReply, unknown][] = [
    [() => ({ reply: Promise.resolve("placed"), cancel: () => undefined }), "placed"],
    [() => ({ reply: Promise.reject(fault), cancel: () => undefined }), fault],
    [
      () => {
        throw fault
      },
      fault,
    ],
  ]
  const gate = gateFor(1)
  for (const [begin, told] of ways) {
    const call = new TestCall(gate, begin)
    call.enter(1000)
    await expect.poll(() => call.heard).toEqual([told])
    expect(gate.load).toMatchObject({ inFlight: 0, queued: 0 })
  }
})

test("a call that is cancelled while it waits is not begun and hears nothing; one that has begun is cancelled where it went", () => {
  const gate = gateFor(1)
  let cancelled = 0
  const begin = () => ({ reply: new Promise<never>(() => undefined), cancel: () => void cancelled++ })
  const [first, second] = [new TestCall(gate, begin), new TestCall(gate, () => expect.fail("It was begun."))]
  first.enter(1000)
  second.enter(1000)
  expect(gate.load).toMatchObject({ inFlight: 1, queued: 1 })
  second.cancel()
  first.cancel()
  expect([gate.load.queued, cancelled, first.heard, second.heard]).toEqual([0, 1, [], []])
  gate.close()
})
