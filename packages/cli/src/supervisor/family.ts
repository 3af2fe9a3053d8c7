import type { Address } from "@hanok/runtime"
import type { ListeningSocket } from "./listening-socket.ts"
import type { ServiceProcess } from "./service-process.ts"

/** What happens to a replica, for whoever watches. */
export interface ReplicaNews {
  readonly service: string
  /** The service's name, with a number when there may be several: `inventory.2`. */
  readonly replica: string
  readonly pid: number | undefined
  readonly change: "starting" | "ready" | "waiting" | "crashed" | "failed" | "draining" | "ended"
  /** Why, in words. */
  readonly reason: string
}

/** What the replicas of one version of a topology have in common. */
export interface Family {
  readonly config: string
  /** That of the processes from their very start. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** What comes on top of it when they begin. */
  readonly lateEnv: Readonly<Record<string, string>>
  readonly socket: ListeningSocket
  /** Whether it is to replace a version that runs, and is given up when it does not start. */
  readonly replaces: boolean
  /** Whether all of it has served once: what fails to start from then on is tried again. */
  isUp(): boolean
  /** Whether requests from outside may come in: it replaces what served before, or nothing did. */
  isLive(): boolean
  /** Where the ready replicas of each service are. */
  addresses(): Readonly<Record<string, readonly Address[]>>
  /** A process that has read the configuration and does nothing yet, if there is one. */
  takeStandby(): ServiceProcess | undefined
  /** One has become ready, or is so no more. */
  changed(): void
  /** One line of a replica's output. */
  onLine(replica: string, line: string): void
  onNews(news: ReplicaNews): void
}
