import { createHost, createLog, createRecorder, newRootSpanIds } from "@hanok/runtime"
import { topologyOf, workCall } from "../hanok-modules.ts"
import { orderOf, placeOrder } from "../work.ts"
import type { Call, InlineContender } from "./contender.ts"
import { startSink } from "./sink.ts"

/** A port of one module to another in the same host, with all that a seam promises; every span is recorded, none is lost. */
export const createHanok = () => contender("hanok", orderOf)

/** The same with an async handler. */
export const createHanokAsyncHandler = () => contender("hanok_async_handler", placeOrder)

async function contender(name: string, handler: Parameters<typeof topologyOf>[1]["handler"]): Promise<InlineContender> {
  let work: (call: Call) => Promise<void> = async () => undefined
  const sink = await startSink()
  const recorder = createRecorder({ resource: { "service.name": "bench" }, endpoint: sink.url })
  const host = await createHost({
    topology: topologyOf((place) => work(place), { handler, isSplit: false }),
    service: "main",
    env: {},
    recorder,
    log: createLog({ service: "bench", instance: "1", level: "warn" }),
    remote: (service) => {
      throw new Error(`There is no ${service} here.`)
    },
  })
  return {
    name,
    async within(given) {
      work = given
      await host.seam.send({ ...workCall, trace: newRootSpanIds() }).reply
    },
    async settle() {
      await recorder.flush()
      if (recorder.dropped > 0) throw new Error(`${recorder.dropped} spans were lost.`)
    },
    async close() {
      await host.close({ graceMs: 1_000 })
      await recorder.close()
      await sink.stop()
    },
  }
}
