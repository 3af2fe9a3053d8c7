import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { busyProject } from "../testing/busy-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import type { Family, ReplicaNews } from "./family.ts"
import { bindSocket } from "./listening-socket.ts"
import { Replica } from "./replica.ts"
import { ServiceProcess } from "./service-process.ts"

const limits = { timeout: 60_000 }
const how = { graceMs: 5_000 }

/** One of a version that is up, when it serves. It ends with the test. `spareOf` makes the process that it begins with. */
async function servingReplica(spareOf: (config: string) => Promise<ServiceProcess | undefined> = async () => undefined) {
  const folder = await projectWith(busyProject('{ back: { modules: ["back"] } }'))
  const news: ReplicaNews[] = []
  const crashed = Promise.withResolvers<void>()
  const socket = bindSocket("127.0.0.1", 0)
  const family: Family = {
    config: join(folder, "hanok.config.ts"),
    env: process.env,
    lateEnv: { HANOK_SECRET: "a secret for this test alone" },
    socket,
    replaces: false,
    isUp: () => true,
    isLive: () => true,
    addresses: () => ({}),
    takeStandby: () => undefined,
    changed: () => undefined,
    onLine: () => undefined,
    onNews(one) {
      news.push(one)
      if (one.change === "crashed") crashed.resolve()
    },
  }
  const place = { service: "back", label: "back.2", reason: "start", hasGateway: false, reportsLoad: false }
  const replica = new Replica({ family, ...place, spare: await spareOf(family.config) })
  onTestFinished(() => {
    replica.kill()
    socket.close()
  })
  await replica.ready
  const changes = () => news.map(({ change }) => change)
  return { replica, news, changes, crashed: crashed.promise }
}

test("a replica that leaves and is then told to leave with all others finishes what it has once", limits, async () => {
  const { replica, changes } = await servingReplica()
  await Promise.all([replica.close(how, "scaled in to 1"), replica.close(how, "stopping")])
  expect(changes()).toEqual(["starting", "ready", "draining", "ended"])
})

test("a replica that leaves while nothing of it runs has nothing to finish, and has ended", limits, async () => {
  const { replica, changes, crashed } = await servingReplica()
  process.kill(Number(replica.pid), "SIGKILL")
  // From then on it waits until it is started again.
  await crashed
  await replica.close(how, "scaled in to 1")
  expect(changes()).toEqual(["starting", "ready", "crashed", "ended"])
})

test("of a replica that was killed, and not from here, it is told that memory may have run out", limits, async () => {
  const { replica, news, crashed } = await servingReplica()
  process.kill(Number(replica.pid), "SIGKILL")
  await crashed
  expect(news.at(-1)?.reason).toMatch(
    /^SIGKILL, as the kernel sends when memory runs out, unless somebody sent it; started again in \d+ ms$/,
  )
})

test("a replica that is given a process which has ended meanwhile starts another one", limits, async () => {
  const { changes } = await servingReplica(async (config) => {
    const spare = new ServiceProcess(config, process.env)
    spare.kill()
    await spare.ended
    return spare
  })
  expect(changes()).toEqual(["starting", "crashed", "starting", "ready"])
})
