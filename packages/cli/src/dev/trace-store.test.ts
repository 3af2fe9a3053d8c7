import { getPriority } from "node:os"
import { expect, test } from "vitest"
import { isAlive } from "../is-alive.ts"
import { busyProject } from "../testing/busy-project.ts"
import { childrenOf, traceStoreOf } from "../testing/children-of.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { runDev } from "../testing/running-dev.ts"
import type { RunningDev } from "../testing/running-dev.ts"

const limits = { timeout: 120_000 }

test("a store of traces that is killed is begun again where it was, keeps what it had, and is missed by no request", limits, async () => {
  const dev = await runDev(await projectWith(busyProject("{}")), "--no-watch")
  const first = await traced(dev)
  const store = await traceStoreOf(dev.pid)
  process.kill(store, "SIGKILL")
  const second = await traced(dev)
  expect(await traceStoreOf(dev.pid)).not.toBe(store)
  expect(dev.notices.filter((line) => line.includes("the store of traces"))).toEqual([
    expect.stringContaining("the store of traces ended: SIGKILL"),
    expect.stringContaining("the store of traces is started again in 100 ms"),
    expect.stringContaining("the store of traces is up again"),
  ])
  expect(await idsOf(dev)).toEqual(expect.arrayContaining([first, second]))
  expect(dev.news).toEqual([])
})

test("a store of traces ends with its hanok dev, and the next one finds what it has kept", limits, async () => {
  const folder = await projectWith(busyProject("{}"))
  const dev = await runDev(folder, "--no-watch")
  const first = await traced(dev)
  const children = await childrenOf(dev.pid)
  expect(children).toContain(await traceStoreOf(dev.pid))
  dev.signal("SIGKILL")
  await dev.ended
  const next = await runDev(folder, "--no-watch")
  expect(await idsOf(next)).toContain(first)
  await expect.poll(() => children.filter(isAlive)).toEqual([])
})

test("a store of traces has the weight of what serves, and hears a Ctrl-C without ending before the last span", limits, async () => {
  const dev = await runDev(await projectWith(busyProject("{}")), "--no-watch")
  const store = await traceStoreOf(dev.pid)
  expect(getPriority(store) - getPriority()).toBe(5)
  for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"]) process.kill(store, signal)
  await traced(dev)
  expect(await traceStoreOf(dev.pid)).toBe(store)
  dev.signal("SIGINT")
  expect(await dev.ended).toBe(0)
  expect(isAlive(store)).toBe(false)
})

/** Makes a request, and waits until its trace is kept; returns its id. */
async function traced(dev: RunningDev): Promise<string> {
  const traceId = crypto.randomUUID().replaceAll("-", "")
  const traceparent = `00-${traceId}-0000000000000001-01`
  expect((await fetch(`${dev.facts.gatewayUrl}/version`, { headers: { traceparent } })).status).toBe(200)
  await expect.poll(() => idsOf(dev).catch(() => []), { timeout: 30_000 }).toContain(traceId)
  return traceId
}

async function idsOf({ facts }: RunningDev): Promise<readonly string[]> {
  // What the telemetry server answers.
  const traces = (await (await fetch(`${facts.telemetryUrl}/api/traces`)).json()) as readonly { traceId: string }[]
  return traces.map(({ traceId }) => traceId)
}
