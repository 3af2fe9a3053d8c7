import type { Address, ServiceLoad } from "@hanok/runtime"
import type { CliError } from "../cli-error.ts"
import type { Outline } from "./outline.ts"

/** What a supervised process tells its supervisor. */
export type FromService =
  /** It has read the configuration and waits for `begin`. */
  | { readonly kind: "loaded"; readonly outline: Outline }
  | { readonly kind: "started"; readonly seam: Address }
  | { readonly kind: "ready" }
  /** Its gateway takes connections. */
  | { readonly kind: "opened" }
  | { readonly kind: "waiting"; readonly for: readonly string[] }
  | { readonly kind: "load"; readonly load: ReplicaLoad }
  | { readonly kind: "seeded"; readonly result: unknown }
  | { readonly kind: "not seeded"; readonly message: string }
  /** It cannot go on, and ends. */
  | { readonly kind: "failed"; readonly message: string; readonly hint: string; readonly exitCode: CliError["exitCode"] }

/** What a supervisor tells the processes of a topology. */
export type ToService =
  /** Runs that service; `env` comes on top of the process's own. */
  | { readonly kind: "begin"; readonly service: string; readonly env: Readonly<Record<string, string>>; readonly reportsLoad: boolean }
  | { readonly kind: "addresses"; readonly addresses: Readonly<Record<string, readonly Address[]>> }
  /** Comes with the socket that the gateway is to listen on, which is bound to that. */
  | { readonly kind: "open"; readonly host: string; readonly port: number }
  | { readonly kind: "seed" }
  /** Takes nothing new, finishes what is under way, ends. */
  | { readonly kind: "stop"; readonly graceMs: number; readonly lingerMs: number }

/** How busy a replica has been since it last told. */
export interface ReplicaLoad extends ServiceLoad {
  /** The share of time in which its event loop was busy. */
  readonly eventLoopUtilisation: number
}
