/** Undoes something when the process ends before it is done, by Ctrl-C and SIGTERM, too. Returns what says that it is done. */
export function undoAtExit(undo: () => void): () => void {
  const interrupted = (_signal: NodeJS.Signals, number: number) => process.exit(128 + number)
  process.once("exit", undo)
  process.once("SIGINT", interrupted)
  process.once("SIGTERM", interrupted)
  return () => {
    process.off("exit", undo)
    process.off("SIGINT", interrupted)
    process.off("SIGTERM", interrupted)
  }
}
