import { createLoopDelay } from "./loop-delay.ts"

/** How busy one process of a service is: what autoscaling decides by. */
export interface ServiceLoad {
  /** Requests and calls being carried out, those at the gateway and those from other services. */
  readonly inFlight: number
  /** How many that may be at present; the service finds it out by itself. */
  readonly limit: number
  /** Those that have come in and wait for their turn. */
  readonly queued: number
  /** In-flight to limit, of whichever of its ways in is fuller: 0 is idle, at 1 calls wait or are shed. Never more: a limit can sink below what is in flight. */
  readonly utilisation: number
  /** By how much the event loop has run behind lately (mean, in milliseconds): the processor is the bottleneck when it grows. */
  readonly eventLoopDelayMs: number
}

/** One way in. */
export type GateLoad = Pick<ServiceLoad, "inFlight" | "limit" | "queued">

export interface LoadMeter {
  load(): ServiceLoad
  close(): void
}

/** Sums up the ways into a process. `gates` is asked each time. */
export function createLoadMeter(gates: () => readonly GateLoad[]): LoadMeter {
  const loop = createLoopDelay()
  return {
    load() {
      const loads = gates()
      return {
        inFlight: sum(loads, "inFlight"),
        limit: sum(loads, "limit"),
        queued: sum(loads, "queued"),
        utilisation: Math.max(0, ...loads.map(({ inFlight, limit }) => (limit > 0 ? Math.min(1, inFlight / limit) : 0))),
        eventLoopDelayMs: loop.meanMs(),
      }
    },
    close: loop.close,
  }
}

function sum(loads: readonly GateLoad[], field: keyof GateLoad): number {
  return loads.reduce((total, load) => total + load[field], 0)
}
