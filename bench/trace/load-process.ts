import autocannon from "autocannon"
import { answerMessages } from "../harness/child.ts"

const connections = 50
const body = JSON.stringify({ orderId: "order-1", sku: "tea-green-100g", qty: 2 })

answerMessages(async ({ url, seconds }: { readonly url: string; readonly seconds: number }) => {
  const started = performance.now()
  const headers = { "content-type": "application/json" }
  const result = await autocannon({ url, method: "POST", headers, body, connections, duration: seconds })
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.errors} errors, ${result.non2xx} refusals from ${url}.`)
  return { requests: result["2xx"], ms: performance.now() - started }
})
