import autocannon from "autocannon"
import { answerMessages } from "../harness/child.ts"
import { input } from "../seam/work.ts"
import type { Loaded, Target } from "./load.ts"

const connections = 50

answerMessages(async ({ url, headers, seconds }: Target & { readonly seconds: number }): Promise<Loaded> => {
  const sent = { "content-type": "application/json", ...headers }
  const started = performance.now()
  const result = await autocannon({ url, method: "POST", headers: sent, body: JSON.stringify(input), connections, duration: seconds })
  const tookSeconds = (performance.now() - started) / 1000
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.errors} errors, ${result.non2xx} refusals from ${url}.`)
  return { requests: result["2xx"], requestsPerSecond: result["2xx"] / tookSeconds }
})
