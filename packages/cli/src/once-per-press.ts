/** What comes again within that time is the same, in milliseconds; people wait to see what a key did. */
const sameMs = 500

/**
 * Calls `hear` when the signal comes. A Ctrl-C reaches all processes of a terminal, and npm passes it on to its child all the same:
 * one that comes twice was pressed once.
 */
export function oncePerPress(signal: NodeJS.Signals, hear: () => void): void {
  let heardAtMs = -Infinity
  process.on(signal, () => {
    const nowMs = performance.now()
    if (nowMs - heardAtMs < sameMs) return
    heardAtMs = nowMs
    hear()
  })
}
