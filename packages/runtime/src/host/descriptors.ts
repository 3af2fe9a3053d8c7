import { closeSync, openSync } from "node:fs"
import { devNull } from "node:os"
import type { Logger } from "@hanok/contract"
import { every } from "../every.ts"

/** As often as relays look, and peers are asked after: an idle process wakes for all of it at once. */
const everyMs = 500

/**
 * Tells in the log that the process has no file descriptor left, and that it has some again. Nothing else does: a connection that comes
 * meanwhile is taken and reset before the server hears of it. Until what this returns is called.
 */
export function tellOfDescriptors(log: Logger): () => void {
  let hasSome = true
  return every(everyMs, () => {
    const before = hasSome
    hasSome = isOneLeft()
    if (before && !hasSome)
      log.error("no file descriptor is left: connections that come are reset, and none can be made; raise what ulimit -n says")
    if (!before && hasSome) log.info("there are file descriptors again")
  })
}

function isOneLeft(): boolean {
  try {
    closeSync(openSync(devNull, "r"))
    return true
  } catch (error) {
    return !isOutOfDescriptors(error)
  }
}

// Of the process, or of the machine.
function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EMFILE" || error.code === "ENFILE")
}
