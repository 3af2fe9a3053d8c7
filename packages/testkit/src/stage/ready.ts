import type { RunningService } from "@hanok/runtime"
import { until } from "../until.ts"

const readyWithinMs = 30_000

/** Resolves when the service can serve; rejects with what it still waits for. */
export async function serves(service: RunningService): Promise<void> {
  let waiting: readonly string[] = []
  const look = async () => {
    waiting = await service.unready()
    return waiting.length === 0
  }
  await until(look, { withinMs: readyWithinMs }).catch(() => {
    throw new Error(`The service ${service.service} is not ready after ${readyWithinMs} ms: ${waiting.join("; ")}`)
  })
}
