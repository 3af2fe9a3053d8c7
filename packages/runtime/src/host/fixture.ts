import type { Topology } from "@hanok/contract"
import { expect, onTestFinished } from "vitest"
import { createLog } from "../log.ts"
import { createRecorder } from "../recorder/index.ts"
import type { Seam } from "../seam/seam.ts"
import { singleReplica } from "../seam/single-replica.fixture.ts"
import { createHost } from "./host.ts"
import type { Host, HostOptions } from "./host.ts"

const silent = createLog({ service: "main", instance: "1", level: "silent" })

/** A host of the service `main`, closed with the test. Nothing lives elsewhere when `remote` does not say so. */
export async function openHost(
  topology: Topology,
  remote: (service: string) => Seam = () => expect.fail("Nothing is elsewhere."),
  env: HostOptions["env"] = {},
  log: HostOptions["log"] = silent,
): Promise<Host> {
  const recorder = createRecorder({ resource: {} })
  const host = await createHost({ topology, service: "main", env, recorder, log, remote: (service) => singleReplica(remote(service)) })
  onTestFinished(() => host.close({ graceMs: 0 }))
  return host
}
