import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises"
import { query } from "@hanok/contract"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { askerOf, callerOf, serve } from "./fixture.ts"
import type { SeamServer } from "./seam-server.ts"

const text = { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }
const hello = { text: "hello" }

/** Where a replica may run: the port stays, processes come and go. */
class Place {
  #server: SeamServer | undefined
  #port = 0
  takesMs = 0

  get address() {
    return { host: "127.0.0.1", port: this.#port }
  }

  async start(): Promise<void> {
    if (this.#server) return
    const answer = (input: unknown) => sleep(this.takesMs).then(() => input)
    const seam = { send: ({ input }: { readonly input: unknown }) => ({ reply: answer(input), cancel: () => undefined }) }
    this.#server = await serve(seam, undefined, { port: this.#port })
    this.#port = this.#server.address.port
  }

  async end(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    await server?.close({ graceMs: 10_000 })
  }
}

const which = fc.integer({ min: 1, max: 3 })
const step = fc.oneof(
  fc.record({ what: fc.constant("start" as const), place: which }),
  fc.record({ what: fc.constant("end" as const), place: which }),
  fc.record({ what: fc.constant("tell" as const), places: fc.uniqueArray(which) }),
  fc.record({ what: fc.constant("call" as const), calls: fc.integer({ min: 1, max: 30 }), takesMs: fc.constantFrom(0, 20) }),
)

// The one at 0 stays, so that there is always one to be called. Nothing is repeated: what is lost is seen.
test("whichever replicas come, leave and are told of meanwhile, no call is lost", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25, size: "max" }), async (steps) => {
      const places = [new Place(), new Place(), new Place(), new Place()]
      for (const place of places) await place.start()
      const addresses = (some: readonly number[]) => ({ echo: places.filter((_, at) => some.includes(at)).map(({ address }) => address) })
      const book = createAddressBook(addresses([0, 1, 2, 3]))
      const seam = callerOf([], { book })
      const ask = askerOf(seam, query({ ...text, retries: 0 }))
      await expect.poll(() => seam.ready).toBe(4)
      const [asked, leaving]: [ReturnType<typeof ask>[], Promise<void>[]] = [[], []]
      for (const one of steps) {
        if (one.what === "tell") book.update(addresses([0, ...one.places]))
        else if (one.what === "start") await places[one.place]?.start()
        else if (one.what === "end") leaving.push(places[one.place]?.end() ?? Promise.resolve())
        else {
          for (const place of places) place.takesMs = one.takesMs
          for (let call = 0; call < one.calls; call++) {
            asked.push(ask(hello))
            if (call % 7 === 0) await turn()
          }
        }
      }
      expect((await Promise.all(asked)).filter(([result]) => !(result instanceof Object && "text" in result))).toEqual([])
      await seam.close({ graceMs: 0 })
      await Promise.all([...leaving, ...places.map((place) => place.end())])
    }),
    { numRuns: 20 },
  )
})
