import { clockJump } from "./clock.ts"
import type { Fault } from "./fault.ts"
import { freezeService } from "./freeze.ts"
import { killGateway, killService } from "./kill.ts"
import { incompatibleVersion, newerVersion } from "./mixed-versions.ts"
import { delay, packetLoss, partition, slowReplica } from "./network.ts"
import { crashPostgres, freezePostgres, fullDisk, killBackends, restartPostgres } from "./postgres.ts"
import { rollingRestart } from "./rolling-restart.ts"
import { surge } from "./surge.ts"

export const kinds: readonly Fault[] = [
  killService,
  killGateway,
  killBackends,
  crashPostgres,
  restartPostgres,
  freezePostgres,
  fullDisk,
  freezeService,
  packetLoss,
  delay,
  partition,
  slowReplica,
  surge,
  clockJump,
  rollingRestart,
  newerVersion,
  incompatibleVersion,
]
