import type { Random } from "../../../examples/shop/load/random.ts"
import type { Traffic } from "../business/traffic.ts"
import type { Meter } from "../business/meter.ts"
import type { ChaosShop } from "../shop/chaos-shop.ts"
import type { Probe } from "./probe.ts"

/** Where faults are inflicted. */
export interface Site {
  readonly shop: ChaosShop
  readonly traffic: Traffic
  readonly meter: Meter
  readonly probe: Probe
  /** All of the topology. */
  readonly services: readonly string[]
  /** Finds out, in some seconds, how many requests a second the shop can answer as they should be at present: a machine is not always as quick. */
  mostGoodPerSecond(): Promise<number>
  /** Seconds that a fault of that length lasts: shorter in a short run. */
  readonly brevity: number
}

export interface Inflicted {
  /** What it was inflicted on. */
  readonly target: string
  /** Until a request that goes through it was answered well again, in milliseconds; `null` where that has no meaning. */
  readonly recoveryMs: number | null
  /** What else there is to say about it. */
  readonly notes?: Readonly<Record<string, unknown>>
  /** What must not have happened. */
  readonly wrong?: readonly string[]
}

/** One way of making life hard for the shop. It leaves everything mended behind, also when it fails. */
export interface Fault {
  readonly name: string
  /** Why it cannot be inflicted here; `undefined` when it can. */
  impossible?(site: Pick<Site, "shop">): string | undefined
  inflict(site: Site, random: Random): Promise<Inflicted>
}
