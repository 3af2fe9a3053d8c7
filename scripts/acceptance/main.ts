// Runs the shop in one topology, does business with it over HTTP, and prints how each flow went.
import { parseArgs } from "node:util"
import { createCustomerSide } from "./customer-side.ts"
import type { CustomerSide } from "./customer-side.ts"
import { flows, openCast } from "./flows.ts"
import type { Cast, Flow } from "./flows.ts"
import { startShop } from "./shop-process.ts"
import type { ShopProcess } from "./shop-process.ts"
import { traceFacts } from "./trace-facts.ts"
import type { TraceFacts } from "./trace-facts.ts"

const usage = "npm run acceptance -- --topology <merged|split|scaled> [--json]"
/** With the gateway: what placing an order crosses when every module is a service. */
const fewestServicesInSplit = 6

interface FlowResult extends Pick<TraceFacts, "spans" | "services"> {
  readonly name: string
  readonly passed: boolean
  readonly traceId: string
  readonly problem?: string
}

const { topology = "merged", json = false, help = false } = options()
if (help || !["merged", "split", "scaled"].includes(topology)) {
  process.stderr.write(`${usage}\n`)
  process.exitCode = help ? 0 : 2
} else process.exitCode = await accept(topology)

async function accept(name: string): Promise<number> {
  const process_ = await startShop(name)
  const stop = () => void process_.close().then(() => process.exit(130))
  process.once("SIGINT", stop)
  const shop = createCustomerSide(process_)
  try {
    const results = await runAll(await openCast(shop), process_, name)
    const passed = results.filter((result) => result.passed).length
    const failed = results.length - passed
    if (json) process.stdout.write(`${JSON.stringify({ topology: name, processes: process_.processes, flows: results, passed, failed })}\n`)
    else process.stdout.write(`${name}: ${process_.processes} processes, ${passed} passed, ${failed} failed\n`)
    return failed === 0 ? 0 : 1
  } finally {
    await shop.close()
    await process_.close()
  }
}

async function runAll(cast: Cast, process_: ShopProcess, topologyName: string): Promise<readonly FlowResult[]> {
  const results: FlowResult[] = []
  for (const flow of flows) {
    const result = await run(flow, cast, process_)
    results.push(result)
    process.stderr.write(
      `${result.passed ? "passed" : "FAILED"}  ${flow.name}${result.problem === undefined ? "" : `\n        ${result.problem}`}\n`,
    )
    if (flow.traced === "order.placeOrder" && flow.name.includes("coupon"))
      results.push(await checkTrace(cast.shop, process_, topologyName))
  }
  return results
}

async function run(flow: Flow, cast: Cast, { telemetryUrl }: ShopProcess): Promise<FlowResult> {
  const problem = await flow.run(cast).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  const traceId = cast.shop.traceIdOf(flow.traced) ?? ""
  const { spans, services } = await traceFacts(telemetryUrl, traceId)
  return { name: flow.name, passed: problem === undefined, traceId, spans, services, ...(problem === undefined ? {} : { problem }) }
}

async function checkTrace(shop: CustomerSide, { telemetryUrl }: ShopProcess, topologyName: string): Promise<FlowResult> {
  const name = "the trace of placing an order holds together"
  const traceId = shop.traceIdOf("order.placeOrder") ?? ""
  const fewest = topologyName === "split" ? fewestServicesInSplit : 1
  const { roots, orphans, spans, services } = await traceFacts(telemetryUrl, traceId, fewest)
  const passed = roots === 1 && orphans === 0 && services.length >= fewest
  const problem = `${roots} roots, ${orphans} orphans, ${services.length} services`
  return { name, passed, traceId, spans, services, ...(passed ? {} : { problem }) }
}

function options(): { topology?: string; json?: boolean; help?: boolean } {
  try {
    return parseArgs({ options: { topology: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } } }).values
  } catch {
    return { topology: "" }
  }
}
