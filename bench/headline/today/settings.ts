import type { Module } from "@hanok/contract"
import { shopModules, storesOfEnvironment } from "../shop-modules.ts"

/** What a service is told by its environment. */
export interface Settings {
  readonly modules: readonly Module[]
  readonly port: number
  /** `http://127.0.0.1:4101` */
  originOf(service: string): string
  readonly secret: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Reads them: `HEADLINE_STORES`, `HEADLINE_PORTS` (JSON, by service), `HANOK_SECRET`. */
export function settingsOf(service: string): Settings {
  // Written by the parent process.
  const ports = JSON.parse(process.env["HEADLINE_PORTS"] ?? "{}") as Readonly<Record<string, number>>
  return {
    modules: shopModules(storesOfEnvironment()),
    port: ports[service] ?? 0,
    originOf: (name) => `http://127.0.0.1:${ports[name]}`,
    secret: process.env["HANOK_SECRET"] ?? "",
    env: process.env,
  }
}
