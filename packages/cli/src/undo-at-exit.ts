const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Undoes something when the process ends before it is done, by Ctrl-C, SIGTERM and a terminal that is closed, too. Returns what says that it is done. */
export function undoAtExit(undo: () => void): () => void {
  const interrupted = (_signal: NodeJS.Signals, number: number) => process.exit(128 + number)
  process.once("exit", undo)
  for (const signal of signals) process.once(signal, interrupted)
  return () => {
    process.off("exit", undo)
    for (const signal of signals) process.off(signal, interrupted)
  }
}
