import { expect, onTestFinished, test } from "vitest"
import { busyProject } from "../testing/busy-project.ts"
import { freePort } from "../testing/free-port.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { serve } from "../testing/serving.ts"
import { createTraffic } from "../testing/traffic.ts"

type Home = "left" | "right"

/** `back` lives in one of two services, each of which has something else to do, too. */
const configOf = (home: Home) => `import { defineContract, defineModule, defineTopology } from "@hanok/contract"
import { backModule } from "./modules/back/module.ts"
import { frontModule } from "./modules/front/module.ts"
const idle = (name: string) => defineModule({ contract: defineContract(name, {}), owner: "team-idle", handlers: {} })
export default defineTopology({
  modules: [frontModule, backModule, idle("west"), idle("east")],
  services: {
    left: { modules: ["west"${home === "left" ? ', "back"' : ""}] },
    right: { modules: ["east"${home === "right" ? ', "back"' : ""}] },
  },
  gateway: { requestsPerSecond: 0 },
})
`

test("every call is answered while its module moves to another service and back", { timeout: 180_000 }, async () => {
  const fleet = await fleetIn(
    await projectWith({ ...busyProject("{}"), "left.config.ts": configOf("left"), "right.config.ts": configOf("right") }),
  )
  await fleet.start("left", "left")
  await fleet.start("right", "left")
  await fleet.start("main", "left")
  for (const [from, to] of [
    ["left", "right"],
    ["right", "left"],
  ] as const) {
    // It is ready as soon as its own needs are, and on a busy machine those that it calls may be out of reach for longer than a call waits.
    const status = async () => (await fetch(fleet.gatewayUrlOf(from)).catch(() => undefined))?.status
    await expect.poll(status).toBe(200)
    const traffic = createTraffic(fleet.gatewayUrlOf(from), 4)
    onTestFinished(() => traffic.stop())
    const goesOn = async () => {
      const before = traffic.answers.get("1") ?? 0
      const enough = expect.toSatisfy((count: number) => count > before + 200)
      await expect.poll(() => Object.fromEntries(traffic.answers), { timeout: 20_000 }).toEqual({ "1": enough })
    }
    await goesOn()
    await fleet.start(to, to)
    await fleet.start(from, to)
    await goesOn()
    await fleet.stop(from, from)
    await goesOn()
    await fleet.stop(to, from)
    await goesOn()
    await fleet.start("main", to)
    await traffic.stop()
    expect(Object.fromEntries(traffic.answers)).toEqual({ "1": expect.any(Number) })
    await fleet.stop("main", from)
  }
})

/** Processes of services, each as one of two configurations has it; where each of them is, all are told from the beginning on. */
async function fleetIn(folder: string) {
  const nameOf = (service: string, home: Home) => `${service} as ${home}.config.ts has it`
  const ports = new Map<string, number>()
  for (const service of ["main", "left", "right"]) {
    for (const home of ["left", "right"] as const) ports.set(nameOf(service, home), await freePort())
  }
  const portOf = (service: string, home: Home) => ports.get(nameOf(service, home)) ?? expect.fail(service)
  const gatewayPorts = { left: await freePort(), right: await freePort() }
  const addressesOf = (service: string) => `${service}=127.0.0.1:${portOf(service, "left")},127.0.0.1:${portOf(service, "right")}`
  const running = new Map<string, () => Promise<unknown>>()
  return {
    gatewayUrlOf: (home: Home) => `http://127.0.0.1:${gatewayPorts[home]}/version?waitMs=1`,
    async start(service: string, home: Home) {
      const env = {
        HANOK_SEAM_PORT: String(portOf(service, home)),
        HANOK_GATEWAY_PORT: String(gatewayPorts[home]),
        HANOK_ADDRESSES: `${addressesOf("left")};${addressesOf("right")}`,
      }
      const { child, ended } = serve(folder, service, env, ["--config", `${home}.config.ts`])
      // After a SIGTERM it lingers for load balancers; of the gateway's process nobody asks anything any more.
      running.set(nameOf(service, home), () => (child.kill(service === "main" ? "SIGINT" : "SIGTERM"), ended))
      const health = `http://127.0.0.1:${portOf(service, home)}/health/ready`
      await expect.poll(async () => (await fetch(health).catch(() => undefined))?.status, { timeout: 30_000 }).toBe(200)
    },
    stop: (service: string, home: Home) => running.get(nameOf(service, home))?.(),
  }
}
