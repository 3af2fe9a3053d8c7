import { answerMessages } from "../../harness/child.ts"
import { assertOrder, input } from "../work.ts"
import type { Call, RemoteContender } from "./contender.ts"

type Message =
  | { readonly do: "serve" }
  | { readonly do: "cpu" }
  | {
      readonly do: "call"
      readonly address: string
      readonly callers: readonly number[]
      readonly warmUpMs: number
      readonly measuredMs: number
    }

/** What one measurement saw, from the caller's side. */
export interface Measured {
  readonly calls: number
  readonly ms: number
  /** Of this process; milliseconds. */
  readonly cpuMs: number
  /** Of a call, in milliseconds. */
  readonly p50: number
  readonly p99: number
}

// This process is started for one contender, on one of its two sides.
const { contender } = (await import(`./contenders/${process.argv[2] ?? ""}.ts`)) as { readonly contender: RemoteContender }

answerMessages(async (message: Message) => {
  if (message.do === "cpu") return cpuMs()
  if (message.do === "serve") return contender.serve()
  const measured: Measured[] = []
  await contender.within(message.address, async (call) => {
    assertOrder(await call(input))
    for (const callers of message.callers) {
      await measure(call, callers, message.warmUpMs)
      process.send?.({ note: "begin" })
      measured.push(await measure(call, callers, message.measuredMs))
      process.send?.({ note: "end" })
    }
  })
  return measured
})

async function measure(call: Call, callers: number, forMs: number): Promise<Measured> {
  const latencies: number[] = []
  const [began, cpu] = [performance.now(), cpuMs()]
  const caller = async () => {
    for (let start = performance.now(); start - began < forMs;) {
      await call(input)
      const end = performance.now()
      latencies.push(end - start)
      start = end
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const [ms, used] = [performance.now() - began, cpuMs() - cpu]
  const sorted = Float64Array.from(latencies).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { calls: latencies.length, ms, cpuMs: used, p50: at(0.5), p99: at(0.99) }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
