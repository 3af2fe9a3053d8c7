import { answerMessages } from "../../harness/child.ts"
import { shuffled } from "../../harness/summary.ts"
import { assertOrder, input } from "../work.ts"
import { createBare } from "./bare.ts"
import type { Call, InlineContender } from "./contender.ts"

/** Calls in one request. Between requests a contender may do what it does aside: send its spans away. */
const callsPerRequest = 1_000

/** By the name of their process, which is theirs alone: what one library does to the engine is not another one's business. */
const groups: Readonly<Record<string, () => Promise<readonly InlineContender[]>>> = {
  hanok: async () => [await (await import("./hanok.ts")).createHanok()],
  hanok_async_handler: async () => [await (await import("./hanok.ts")).createHanokAsyncHandler()],
  nest: async () => (await import("./nest-cqrs.ts")).createNestCqrs(),
  moleculer: async () => (await import("./moleculer.ts")).createMoleculer(),
  trpc: async () => [await (await import("./trpc.ts")).createTrpc()],
}

let contenders: readonly InlineContender[] = []

answerMessages(async (message: { readonly do: "open" } | { readonly do: "round"; readonly calls: number }) => {
  if (message.do === "open") {
    contenders = [await createBare(), ...((await groups[process.argv[2] ?? ""]?.()) ?? [])]
    return contenders.map(({ name }) => name)
  }
  const taken: Record<string, number> = {}
  for (const contender of shuffled(contenders)) taken[contender.name] = await nanosecondsOf(contender, message.calls)
  return taken
})

async function nanosecondsOf(contender: InlineContender, calls: number): Promise<number> {
  let ms = 0
  const requests = Math.max(1, Math.round(calls / callsPerRequest))
  for (let request = 0; request < requests; request++) {
    await contender.within(async (call) => {
      ms += await time(call)
    })
    await contender.settle?.()
  }
  return (ms / (requests * callsPerRequest)) * 1e6
}

// One loop for all, so that the engine treats all alike.
async function time(call: Call): Promise<number> {
  let last: unknown
  const began = performance.now()
  for (let count = 0; count < callsPerRequest; count++) last = await call(input)
  const ms = performance.now() - began
  assertOrder(last)
  return ms
}
