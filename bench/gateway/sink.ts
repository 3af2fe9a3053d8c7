import { startChild } from "../harness/child.ts"

/** A process that takes spans and forgets them, on the core that is not measured. It ends with this process. */
export function startSink(): Promise<string> {
  return startChild(new URL("../seam/inline/sink-process.ts", import.meta.url), [], 1).ask<string>({})
}
