import { Fault, isFault } from "@hanok/contract"

/** As `work`, but rejects as soon as the signal is aborted; `work` itself goes on. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  if (signal.aborted) {
    work.catch(() => undefined)
    return Promise.reject(abortFault(signal))
  }
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(abortFault(signal))
    signal.addEventListener("abort", stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop))
  })
}

/** Why the signal was aborted: `DEADLINE_EXCEEDED` or `CANCELLED`. */
export function abortFault(signal: AbortSignal): Fault {
  return isFault(signal.reason) ? signal.reason : new Fault("CANCELLED", "Cancelled: nobody waits for the answer any more.")
}
