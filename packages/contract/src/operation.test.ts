import { expect, test } from "vitest"
import { z } from "zod"
import { command, query } from "./operation.ts"

const input = z.object({ customerId: z.string(), sku: z.string() })
const output = z.object({})

test("an operation is repeated thrice, goes to any replica and is not hedged, unless it says otherwise", () => {
  expect(query({ input, output })).toMatchObject({ retries: 3, affinity: undefined, hedgeAfterMs: undefined, priority: "normal" })
  const declared = { retries: 0, affinity: "customerId", hedgeAfterMs: 50, priority: "low" } as const
  expect(query({ input, output, ...declared })).toMatchObject(declared)
})

test("affinity names a field of the input, and only a query is hedged", () => {
  // @ts-expect-error there is no such field
  query({ input, output, affinity: "colour" })
  // @ts-expect-error nor for a command
  command({ input, output, affinity: "colour" })
  // @ts-expect-error two replicas must not both be asked to change something
  expect(command({ input, output, hedgeAfterMs: 50 }).hedgeAfterMs).toBeUndefined()
})
