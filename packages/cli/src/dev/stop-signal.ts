import { oncePerPress } from "../once-per-press.ts"

export interface StopSignal {
  /** Resolves at the first Ctrl-C or SIGTERM: finish what is under way, and end. */
  readonly asked: Promise<void>
  /** It ends already, without being asked to. */
  takeAsAsked(): void
}

/**
 * Asked once more, calls `onForce`, which is to end everything at once. That nobody reads any more what is printed (a closed
 * terminal, `hanok dev | head`) asks, too.
 */
export function listenForStop(onForce: () => void): StopSignal {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isAsked = false
  const takeAsAsked = () => {
    isAsked = true
    resolve()
  }
  const ask = () => (isAsked ? onForce() : takeAsAsked())
  oncePerPress("SIGINT", ask)
  oncePerPress("SIGTERM", ask)
  // Every line that is printed from then on fails, too, and must not force.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", takeAsAsked)
  return { asked: promise, takeAsAsked }
}
