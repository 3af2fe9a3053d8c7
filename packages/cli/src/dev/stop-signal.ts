/**
 * Resolves at the first Ctrl-C or SIGTERM: finish what is under way, and end. Asked once more, calls `onForce`, which is to
 * end everything at once.
 */
export function listenForStop(onForce: () => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const ask = () => {
      if (asked) return onForce()
      asked = true
      resolve()
    }
    process.on("SIGINT", ask)
    process.on("SIGTERM", ask)
  })
}
