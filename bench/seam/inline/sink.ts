import { startChild } from "../../harness/child.ts"

/** A process that takes spans and forgets them. */
export async function startSink(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = startChild(new URL("sink-process.ts", import.meta.url), [], 0)
  const url = await child.ask<string>({})
  return { url, stop: child.stop }
}
