import { expect, test } from "vitest"
import type { HttpAnswer } from "./http-client.ts"
import { createMeter } from "./meter.ts"

const answer = (status: number, code?: string): HttpAnswer => ({ status, code, body: { detail: "no" }, ms: 1 })

test("a refusal is as good an answer as an output, and what passes is none", () => {
  const meter = createMeter()
  for (const one of [answer(200), answer(409, "OUT_OF_STOCK"), answer(404, "ORDER_NOT_FOUND"), answer(503, "OVERLOADED")])
    meter.add("placeOrder", one)
  expect([meter.good, meter.requests, meter.misunderstood()]).toEqual([3, 4, []])
  expect(meter.faults()).toEqual({ "placeOrder OVERLOADED": 1 })
})

test("whoever asks as the contract says and is told that it was asked wrongly is misunderstood", () => {
  const meter = createMeter()
  const answers = [answer(400, "INVALID_INPUT"), answer(403, "FORBIDDEN"), answer(422, "IDEMPOTENCY_KEY_REUSED"), answer(404, "HTTP_404")]
  for (const one of answers) meter.add("payOrder", one)
  expect(meter.good).toBe(0)
  expect(meter.misunderstood().map((what) => what.split(":")[0])).toEqual([
    "payOrder INVALID_INPUT",
    "payOrder FORBIDDEN",
    "payOrder IDEMPOTENCY_KEY_REUSED",
    "payOrder HTTP_404",
  ])
})
