/** What the user has asked for at the terminal. */
export interface StopSignal {
  /** Aborted by Ctrl-C or SIGTERM: finish what is under way, and end. */
  readonly stop: AbortSignal
  /** Resolves when that is. */
  readonly stopped: Promise<void>
}

/** Listens for the wish to stop; asked twice, calls `onForce`, which is to end everything at once. */
export function listenForStop(onForce: () => void): StopSignal {
  const controller = new AbortController()
  const stopped = new Promise<void>((resolve) => controller.signal.addEventListener("abort", () => resolve()))
  const ask = () => (controller.signal.aborted ? onForce() : controller.abort())
  process.on("SIGINT", ask)
  process.on("SIGTERM", ask)
  return { stop: controller.signal, stopped }
}
