import { startChild } from "../harness/child.ts"

/** Where orders are posted to. */
export interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Loaded {
  readonly requests: number
  readonly requestsPerSecond: number
}

/** A client on the second core that posts the same order over 50 connections as fast as it is answered. */
export function startLoad(): { post(target: Target, seconds: number): Promise<Loaded>; stop(): Promise<void> } {
  const child = startChild(new URL("load-process.ts", import.meta.url), [], 1)
  return { post: (target, seconds) => child.ask<Loaded>({ ...target, seconds }), stop: child.stop }
}
