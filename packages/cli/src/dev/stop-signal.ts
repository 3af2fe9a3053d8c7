/**
 * Resolves at the first Ctrl-C or SIGTERM: finish what is under way, and end. Asked once more, calls `onForce`, which is to
 * end everything at once. It also resolves when nobody reads any more what is printed: a closed terminal, `hanok dev | head`.
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
    // Every line that is printed from then on fails, too, and must not force.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => (asked ? undefined : ask()))
  })
}
