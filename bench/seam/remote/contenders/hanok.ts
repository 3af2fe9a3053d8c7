import { createAddressBook, startService } from "@hanok/runtime"
import { newRootSpanIds } from "@hanok/runtime"
import { startSink } from "../../inline/sink.ts"
import { topologyOf, workCall } from "../../hanok-modules.ts"
import { orderOf } from "../../work.ts"
import type { Call, RemoteContender } from "../contender.ts"

const secret = "a secret for this benchmark alone, 32 characters"

/** The wire, with all that a seam promises: contracts compared, identity signed, both sides parsed and recorded, spans exported. */
export const contender: RemoteContender = {
  async serve() {
    const { topology, env } = await surroundings(async () => undefined)
    const service = await startService({ topology, service: "order", env, discovery: createAddressBook() })
    return JSON.stringify(service.seamAddress)
  },
  async within(address, given) {
    let work: (call: Call) => Promise<void> = async () => undefined
    const { topology, env } = await surroundings((place) => work(place))
    const discovery = createAddressBook()
    // Written by `serve`.
    discovery.update({ order: [JSON.parse(address) as { host: string; port: number }] })
    const service = await startService({ topology, service: "main", env, discovery })
    work = given
    await service.host.seam.send({ ...workCall, trace: newRootSpanIds() }).reply
    const { spansDropped } = service.metrics()
    if (spansDropped > 0) throw new Error(`${spansDropped} spans were recorded and not exported.`)
    await service.close({ graceMs: 0 })
  },
}

async function surroundings(work: (call: Call) => Promise<void>) {
  const sink = await startSink()
  return {
    topology: topologyOf(work, { handler: orderOf, isSplit: true }),
    env: { HANOK_SECRET: secret, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url },
  }
}
